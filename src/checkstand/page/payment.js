// The last step: who pays, and how.

import { addressForm, inLines, isComplete } from "./address.js";
import { button, el, field } from "./elements.js";

export const title = "Payment";

/** The address that "the same" means; none where nothing is shipped. */
export const shippedTo = ({ checkout }) => checkout.consignments.find((each) => !each.selectedPickupOption)?.address ?? null;

export function body(state, actions) {
  const { checkout, settings } = state;
  const page = settings.storeConfig.checkoutSettings;
  const isFree = checkout.outstandingBalance <= 0;
  const message = el("textarea", { name: "message", rows: 2, maxlength: 2000, value: state.message, oninput: (event) => actions.typed(event.target.value) });
  const agreed = el("input", { type: "checkbox", id: "terms" });
  const methods = isFree ? el("p", { class: "notice" }, "Nothing is left to pay.") : choices(state, actions);
  const place = button(isFree ? "Place the order" : `Place the order · ${state.money(checkout.outstandingBalance)}`, { kind: "main wide", id: "place-order", onclick: order });

  function order() {
    if (!isComplete(checkout.billingAddress)) return actions.say("Fill in the billing address first.");
    if (!isFree && !state.methodId) return actions.say("Choose how to pay.");
    if (page.enableTermsAndConditions && !agreed.checked) return actions.say("Agree to the terms and conditions first.");
    return actions.order(isFree ? null : state.methodId, state.message.trim());
  }

  return [
    billing(state, actions),
    methods,
    page.enableOrderComments ? field("message", "A message to the shop", message, { optional: true }) : null,
    page.enableTermsAndConditions ? terms(page, agreed) : null,
    el("div", { class: "actions" }, place),
  ];
}

function billing(state, actions) {
  const { checkout } = state;
  const sameAs = shippedTo(state);
  const same = el("input", { type: "checkbox", id: "same", checked: state.billingIsSame, onchange: (event) => actions.billingIsSame(event.target.checked) });
  const isKnown = isComplete(checkout.billingAddress);
  const isForm = !state.billingIsSame && (!isKnown || state.editing === "billing");
  return el(
    "section",
    { class: "stack", "aria-labelledby": "billing-heading" },
    el("h3", { id: "billing-heading" }, "Billing address"),
    sameAs ? el("label", { class: "choice", for: "same" }, same, el("span", {}, "The same as the delivery address")) : null,
    isForm
      ? addressForm({
          id: "billing",
          fields: state.fields.billingAddress,
          countries: state.countries,
          value: checkout.billingAddress,
          autocomplete: "billing",
          label: "Save the billing address",
          submit: (address) => actions.bill(address),
          cancel: isKnown ? () => actions.edit(null) : null,
        })
      : el(
          "div",
          { class: "destination" },
          el("address", {}, inLines(checkout.billingAddress).map((line) => el("span", {}, line))),
          state.billingIsSame ? null : button("Edit", { kind: "link", id: "edit-billing", "aria-label": "Edit the billing address", onclick: () => actions.edit("billing") }),
        ),
  );
}

function choices(state, actions) {
  return el(
    "fieldset",
    { class: "options" },
    el("legend", {}, "How do you want to pay?"),
    state.methods.map((method) =>
      el(
        "label",
        { class: "option" },
        el("input", { type: "radio", name: "method", id: `method-${method.id}`, value: method.id, checked: method.id === state.methodId, onchange: () => actions.chooseMethod(method.id) }),
        el("span", { class: "option-name" }, method.config.displayName, el("span", { class: "quiet" }, method.config.helpText)),
      ),
    ),
    state.methods.length ? null : el("p", { class: "notice" }, "This shop has no way to pay yet."),
  );
}

function terms(page, agreed) {
  const isLink = page.orderTermsAndConditionsType === "link" && /^https?:/.test(page.orderTermsAndConditionsLink);
  const text = isLink ? el("a", { href: page.orderTermsAndConditionsLink, target: "_blank", rel: "noopener" }, "terms and conditions") : "terms and conditions";
  return el(
    "section",
    { class: "stack", "aria-label": "Terms and conditions" },
    isLink ? null : el("div", { class: "terms", tabindex: "0", role: "region", "aria-label": "Text of the terms" }, page.orderTermsAndConditions),
    el("label", { class: "choice", for: "terms" }, agreed, el("span", {}, "I agree to the ", text)),
  );
}
