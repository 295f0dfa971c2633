// The first step: who is buying. A guest gives an email address; a customer signs in, or becomes one.

import { ownComplaints, ownControl, ownValues } from "./address.js";
import { isNeeded } from "./delivery.js";
import { button, check, el, field } from "./elements.js";

export const title = "Contact";

const isGuest = ({ checkout }) => checkout.customer?.isGuest ?? true;

export const isDone = (state) => Boolean(state.checkout.billingAddress?.email) && (!isGuest(state) || guestsMayBuy(state));

export const summary = (state) => [
  isGuest(state) ? null : el("p", {}, state.checkout.customer.fullName),
  el("p", { class: isGuest(state) ? "" : "quiet" }, state.checkout.billingAddress.email),
];

const guestsMayBuy = ({ settings }) => settings.storeConfig.checkoutSettings.guestCheckoutEnabled;

const mayRegister = ({ settings }) => settings.storeConfig.checkoutSettings.isAccountCreationEnabled;

export function body(state, actions) {
  if (!isGuest(state)) return [signedIn(state, actions)];
  const entry = state.entry || (guestsMayBuy(state) ? "guest" : "sign-in");
  const views = { guest: asGuest, "sign-in": signIn, register };
  return [views[entry](state, actions), otherwise(state, entry, actions)];
}

const knownEmail = (state) => state.checkout.billingAddress?.email || (state.draft?.email ?? "");

const onwards = (state) => (isNeeded(state) ? "Continue to delivery" : "Continue to payment");

function signedIn(state, actions) {
  const { fullName, email } = state.checkout.customer;
  return el(
    "div",
    { class: "stack" },
    el("p", {}, "You are signed in as ", el("strong", { id: "signed-in" }, fullName), ", ", email, "."),
    el(
      "div",
      { class: "actions" },
      button(onwards(state), { kind: "main", id: "contact-submit", onclick: () => actions.contact(email, false) }),
      button("Sign out", { kind: "link", id: "sign-out", onclick: actions.signOut }),
    ),
  );
}

/** The other ways in, as links below the form. */
function otherwise(state, entry, actions) {
  const ways = [
    ["sign-in", "Sign in", entry !== "sign-in"],
    ["guest", "Continue as a guest", entry !== "guest" && guestsMayBuy(state)],
    ["register", "Create an account", entry !== "register" && mayRegister(state)],
  ];
  return el(
    "div",
    { class: "actions otherwise" },
    el("span", { class: "quiet" }, entry === "guest" ? "Do you have an account?" : "Or"),
    ways.filter(([, , isShown]) => isShown).map(([name, label]) => button(label, { kind: "link", id: `to-${name}`, onclick: () => actions.enter(name) })),
  );
}

// ---------------------------------------------------------------------------------------------------- forms

const emailInput = (value) => el("input", { type: "email", name: "email", autocomplete: "email", inputmode: "email", required: true, value });

const passwordInput = (autocomplete) => el("input", { type: "password", name: "password", autocomplete, required: true });

const textInput = (name, autocomplete) => el("input", { type: "text", name, autocomplete, required: true, maxlength: 255 });

function emailComplaints(typed) {
  if (/^[^@\s]+@[^@\s]+$/.test(typed)) return [];
  return [["email", typed ? "This is not an email address; it should look like name@example.com." : "Enter your email address."]];
}

/** What the shop says about the shopper's data: a sentence, or a box to tick where it wants that. `[element, complaints]`. */
function privacy({ settings }) {
  const { privacyPolicyUrl, isExpressPrivacyPolicy } = settings.storeConfig.checkoutSettings;
  if (!/^https?:/.test(privacyPolicyUrl)) return [null, () => []];
  const link = el("a", { href: privacyPolicyUrl, target: "_blank", rel: "noopener" }, "privacy policy");
  if (isExpressPrivacyPolicy) return [el("p", { class: "quiet" }, "By continuing you agree to the ", link, "."), () => []];
  const box = el("input", { type: "checkbox", id: "privacy", "aria-describedby": "privacy-error" });
  const shown = el(
    "div",
    {},
    el("label", { class: "choice", for: "privacy" }, box, el("span", {}, "I agree to the ", link)),
    el("p", { class: "error", id: "privacy-error", "aria-live": "polite" }),
  );
  return [shown, () => (box.checked ? [] : [["privacy", "Agree to the privacy policy first."]])];
}

/** `submit()` is called when `complaints()` has none. */
function form(id, fields, label, complaints, submit) {
  const made = el(
    "form",
    {
      novalidate: true,
      class: "stack",
      id,
      onsubmit: (event) => {
        event.preventDefault();
        if (check(made, complaints())) submit();
      },
    },
    fields,
    el("div", { class: "actions" }, el("button", { type: "submit", class: "button main", id: "contact-submit" }, label)),
  );
  return made;
}

function asGuest(state, actions) {
  const { shopperConfig } = state.settings.storeConfig;
  const [consent, unagreed] = privacy(state);
  const email = emailInput(knownEmail(state));
  const news = el("input", { type: "checkbox", id: "newsletter", checked: shopperConfig.defaultNewsletterSignup });
  const fields = [
    field("email", "Email address", email),
    shopperConfig.showNewsletterSignup ? el("label", { class: "choice", for: "newsletter" }, news, el("span", {}, "Tell me about news and offers")) : null,
    consent,
  ];
  const complaints = () => [...emailComplaints(email.value.trim()), ...unagreed()];
  return form("contact-form", fields, onwards(state), complaints, () => actions.contact(email.value.trim(), news.checked));
}

const signIn = (state, actions) => signInForm(knownEmail(state), actions.signIn);

/** `submit(email, password)`. */
export function signInForm(known, submit) {
  const email = emailInput(known);
  const password = passwordInput("current-password");
  const complaints = () => [...emailComplaints(email.value.trim()), ...(password.value ? [] : [["password", "Enter your password."]])];
  const fields = [field("email", "Email address", email), field("password", "Password", password)];
  return form("sign-in-form", fields, "Sign in", complaints, () => submit(email.value.trim(), password.value));
}

function register(state, actions) {
  const first = textInput("firstName", "given-name");
  const last = textInput("lastName", "family-name");
  const email = emailInput(knownEmail(state));
  const password = passwordInput("new-password");
  const [consent, unagreed] = privacy(state);
  const own = state.fields.customerAccount.filter((each) => each.custom);
  const place = (name) => `account-${name}`;
  const rules = state.settings.storeConfig.shopperConfig.passwordRequirements;
  const complaints = () => [
    ...(first.value.trim() ? [] : [["first-name", "Enter your first name."]]),
    ...(last.value.trim() ? [] : [["last-name", "Enter your last name."]]),
    ...emailComplaints(email.value.trim()),
    ...(password.value.length >= rules.minlength ? [] : [["password", "This password is too short."]]),
    ...ownComplaints(ownValues(made, own), own, place),
    ...unagreed(),
  ];
  const half = (made) => (made.classList.add("half"), made);
  const fields = el(
    "div",
    { class: "grid" },
    half(field("first-name", "First name", first)),
    half(field("last-name", "Last name", last)),
    field("email", "Email address", email),
    field("password", "Password", password, { hint: rules.error }),
    own.map((each) => ownControl(each, place(each.name), {})),
  );
  const account = () => ({ firstName: first.value.trim(), lastName: last.value.trim(), email: email.value.trim(), password: password.value, customFields: ownValues(made, own) });
  const made = form("register-form", [fields, consent], "Create the account", complaints, () => actions.register(account()));
  return made;
}
