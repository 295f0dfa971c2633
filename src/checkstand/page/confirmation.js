// After the order: its number, what happens next, and everything that was bought.

import { inLines } from "./address.js";
import { check, complain, el, field } from "./elements.js";
import { described, everything, grouped } from "./goods.js";
import { lines, table, totals } from "./summary.js";

const METHODS = new Set(["giftcertificate", "storecredit"]);

/** `becomeCustomer(orderId, password)` answers what is against it. */
export function view(order, money, settings, becomeCustomer) {
  const { checkoutSettings, links, shopperConfig } = settings.storeConfig;
  const { siteLink } = links;
  const method = order.payments.find((paid) => !METHODS.has(paid.providerId));
  const paid = order.payments.filter((each) => METHODS.has(each.providerId));
  const instructions = method?.detail?.instructions;
  return [
    el("h1", { id: "thanks", tabindex: "-1" }, "Thank you, your order is placed"),
    el("p", { class: "lead" }, "Your order number is ", el("strong", { id: "order-number" }, String(order.orderId)), "."),
    el("p", {}, "If there is a question, the shop writes to ", el("strong", {}, order.billingAddress.email), "."),
    method ? el("section", { class: "card stack" }, el("h2", {}, `${method.description}: ${money(method.amount)}`), instructions ? el("p", {}, instructions) : null) : null,
    ...order.consignments.shipping.map((parcel) =>
      el(
        "section",
        { class: "card stack" },
        el("h2", {}, "Shipped to"),
        el("address", {}, inLines(parcel).map((line) => el("span", {}, line))),
        el("p", { class: "quiet" }, goods(order, parcel.lineItems)),
        el("p", { class: "quiet" }, `${parcel.shippingMethod}, ${parcel.baseCost ? money(parcel.baseCost) : "free"}`),
      ),
    ),
    ...(order.consignments.pickup ?? []).map((parcel) =>
      el("section", { class: "card stack" }, el("h2", {}, "Picked up at"), el("address", {}, inLines(parcel.location).map((line) => el("span", {}, line))), el("p", { class: "quiet" }, goods(order, parcel.lineItems))),
    ),
    el("section", { class: "card stack", id: "ordered" }, el("h2", {}, "Your order"), lines(order.lineItems, money), table(totals(ofOrder(order, paid)), money)),
    !order.customerId && checkoutSettings.isAccountCreationEnabled ? account(order, shopperConfig.passwordRequirements, becomeCustomer) : null,
    /^(https?:|\/)/.test(siteLink) ? el("p", {}, el("a", { href: siteLink }, "Back to the shop")) : null,
  ];
}

/** A guest who wants to be known next time needs no more than a password. */
function account(order, rules, becomeCustomer) {
  const password = el("input", { type: "password", name: "password", autocomplete: "new-password", required: true });
  const form = el(
    "form",
    {
      novalidate: true,
      class: "stack",
      onsubmit: async (event) => {
        event.preventDefault();
        if (!check(form, password.value.length >= rules.minlength ? [] : [["password", "This password is too short."]])) return;
        const refusal = await becomeCustomer(order.orderId, password.value);
        if (refusal) complain(form, "password", refusal);
        else form.replaceWith(el("p", { role: "status" }, "Your account is made, and you are signed in."));
      },
    },
    field("password", "Password", password, { hint: rules.error }),
    el("div", { class: "actions" }, el("button", { type: "submit", class: "button", id: "account-submit" }, "Create an account")),
  );
  return el("section", { class: "card stack", id: "account" }, el("h2", {}, "Faster next time"), el("p", {}, `Choose a password, and ${order.billingAddress.email} has an account here.`), form);
}

function goods(order, held) {
  const ids = new Set(held.map((each) => each.id));
  const lines = everything(order.lineItems).filter((line) => ids.has(line.id));
  return grouped(lines).map((group) => `${group.quantity} × ${described(group)}`).join(" · ");
}

function ofOrder(order, paid) {
  const named = paid.map((each) => [each.providerId === "giftcertificate" ? `Gift certificate ${each.detail.code}` : "Store credit", each.amount]);
  const sold = [...order.lineItems.physicalItems, ...order.lineItems.digitalItems, ...(order.lineItems.customItems ?? [])];
  const certificates = order.lineItems.giftCertificates ?? [];
  return {
    subtotal: sold.reduce((sum, line) => sum + line.extendedSalePrice, 0) + certificates.reduce((sum, each) => sum + each.amount, 0),
    automatic: order.orderBasedAutoDiscountTotal + order.manualDiscountTotal,
    coupons: order.coupons,
    hasShipping: order.consignments.shipping.length > 0,
    shipping: order.shippingCostTotal,
    handling: order.handlingCostTotal,
    wrapping: order.giftWrappingCostTotal,
    fees: order.fees,
    taxes: order.taxes,
    isTaxIncluded: order.isTaxIncluded,
    total: order.orderAmount,
    paid: named,
    due: order.orderAmount - named.reduce((sum, [, amount]) => sum + amount, 0),
  };
}
