// The first step: who is buying.

import { check, el, field } from "./elements.js";

export const title = "Contact";

export const isDone = ({ checkout }) => Boolean(checkout.billingAddress?.email);

export const summary = ({ checkout }) => [el("p", {}, checkout.billingAddress.email)];

export function body({ checkout, settings }, actions) {
  const { shopperConfig } = settings.storeConfig;
  const email = el("input", { type: "email", name: "email", autocomplete: "email", inputmode: "email", required: true, value: checkout.billingAddress?.email ?? "" });
  const news = el("input", { type: "checkbox", id: "newsletter", checked: shopperConfig.defaultNewsletterSignup });
  const form = el(
    "form",
    {
      novalidate: true,
      class: "stack",
      id: "contact-form",
      onsubmit: (event) => {
        event.preventDefault();
        const typed = email.value.trim();
        const complaints = /^[^@\s]+@[^@\s]+$/.test(typed) ? [] : [["email", typed ? "This is not an email address; it should look like name@example.com." : "Enter your email address."]];
        if (check(form, complaints)) actions.contact(typed, news.checked);
      },
    },
    field("email", "Email address", email),
    shopperConfig.showNewsletterSignup ? el("label", { class: "choice", for: "newsletter" }, news, el("span", {}, "Tell me about news and offers")) : null,
    el("div", { class: "actions" }, el("button", { type: "submit", class: "button main", id: "contact-submit" }, "Continue to delivery")),
  );
  return [form];
}
