// The last step: who pays, and how.

import { inLines, isComplete } from "./address.js";
import { addressEntry } from "./book.js";
import { button, el, field } from "./elements.js";

export const title = "Payment";

/** The address that "the same" means; none where nothing is shipped. */
export const shippedTo = ({ checkout }) => checkout.consignments.find((each) => !each.selectedPickupOption)?.address ?? null;

/** As long as the shopper does not say otherwise. */
export const isBilledAsShipped = (state) => state.billingIsSame && shippedTo(state) !== null;

export function body(state, actions) {
  const { checkout, settings } = state;
  const page = settings.storeConfig.checkoutSettings;
  const isFree = checkout.outstandingBalance <= 0;
  const message = el("textarea", { name: "message", rows: 2, maxlength: 2000, value: state.message, oninput: (event) => actions.typed(event.target.value) });
  const agreed = el("input", { type: "checkbox", id: "terms", checked: state.isAgreed, onchange: () => actions.agree(agreed.checked) });
  const entry = billingEntry(state, actions);
  const methods = isFree ? el("p", { class: "notice" }, "Nothing is left to pay.") : choices(state, actions);
  const place = button(isFree ? "Place the order" : `Place the order · ${state.money(checkout.outstandingBalance)}`, { kind: "main wide", id: "place-order", onclick: order });

  function order() {
    const address = entry && entry.given();
    if (entry && !address) return null; // the form says what is missing
    if (!isFree && !state.methodId) return actions.say("Choose how to pay.");
    if (page.enableTermsAndConditions && !agreed.checked) return actions.say("Agree to the terms and conditions first.");
    return actions.order(isFree ? null : state.methodId, state.message.trim(), address);
  }

  return [
    billing(state, entry, actions),
    credit(state, actions),
    methods,
    page.enableOrderComments ? field("message", "A message to the shop", message, { optional: true }) : null,
    page.enableTermsAndConditions ? terms(page, agreed) : null,
    el("div", { class: "actions" }, place),
  ];
}

/** The form for the billing address; null: it is known, or the same as where the goods go. */
function billingEntry(state, actions) {
  const { checkout } = state;
  const isKnown = isComplete(checkout.billingAddress);
  if (isBilledAsShipped(state) || (isKnown && state.editing !== "billing")) return null;
  return addressEntry({
    id: "billing",
    customer: checkout.customer,
    fields: state.fields.billingAddress,
    countries: state.countries,
    value: checkout.billingAddress,
    autocomplete: "billing",
    label: "Save the billing address",
    submit: (address) => actions.bill(address),
    cancel: isKnown ? () => actions.edit(null) : null,
  });
}

function billing(state, entry, actions) {
  const { checkout } = state;
  const same = el("input", { type: "checkbox", id: "same", checked: state.billingIsSame, onchange: (event) => actions.billingIsSame(event.target.checked) });
  return el(
    "section",
    { class: "stack", "aria-labelledby": "billing-heading" },
    el("h3", { id: "billing-heading" }, "Billing address"),
    shippedTo(state) ? el("label", { class: "choice", for: "same" }, same, el("span", {}, "The same as the delivery address")) : null,
    entry ??
      el(
        "div",
        { class: "destination" },
        el("address", {}, inLines(checkout.billingAddress).map((line) => el("span", {}, line))),
        isBilledAsShipped(state) ? null : button("Edit", { kind: "link", id: "edit-billing", "aria-label": "Edit the billing address", onclick: () => actions.edit("billing") }),
      ),
  );
}

/** What the shop owes the customer may pay first. */
function credit({ checkout, money }, actions) {
  const { isGuest = true, storeCredit = 0 } = checkout.customer ?? {};
  if (isGuest || !(storeCredit > 0)) return null;
  const box = el("input", { type: "checkbox", id: "store-credit", checked: checkout.isStoreCreditApplied, onchange: (event) => actions.useStoreCredit(event.target.checked) });
  return el(
    "section",
    { class: "stack", "aria-labelledby": "credit-heading" },
    el("h3", { id: "credit-heading" }, "Store credit"),
    el("label", { class: "choice", for: "store-credit" }, box, el("span", {}, `Use my store credit of ${money(storeCredit)}`)),
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
