// What is bought and what it costs: beside the steps, or above them on a narrow screen. And codes.

import { button, check, complain, el, field } from "./elements.js";
import { described, everything, grouped } from "./goods.js";
import { counter } from "./stepper.js";

const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0);

/** `[[name, amount, class]]`, for a checkout and for an order. */
export function totals(shown) {
  const taxes = shown.taxes.filter((tax) => tax.amount);
  return [
    ["Subtotal", shown.subtotal],
    shown.automatic ? ["Discount", -shown.automatic] : null,
    ...shown.coupons.map((coupon) => [`Coupon ${coupon.code}`, -coupon.discountedAmount]),
    shown.hasShipping ? ["Shipping", shown.shipping] : null,
    shown.handling ? ["Handling", shown.handling] : null,
    shown.wrapping ? ["Gift wrapping", shown.wrapping] : null,
    ...(shown.fees ?? []).map((fee) => [fee.displayName ?? fee.name ?? "Fee", fee.cost ?? 0]),
    ...taxes.map((tax) => [shown.isTaxIncluded ? `${tax.name}, included` : tax.name, tax.amount]),
    ["Total", shown.total, "strong"],
    ...shown.paid.map(([name, amount]) => [name, -amount]),
    shown.paid.length ? ["To pay", shown.due, "strong"] : null,
  ].filter(Boolean);
}

function ofCheckout(checkout) {
  const paid = checkout.giftCertificates.filter((each) => each.used).map((each) => [`Gift certificate ${each.code}`, each.used]);
  const credit = checkout.grandTotal - checkout.outstandingBalance - sum(paid.map(([, amount]) => amount));
  if (checkout.isStoreCreditApplied && credit > 0.00001) paid.push(["Store credit", credit]);
  const coupons = checkout.coupons.filter((coupon) => coupon.discountedAmount);
  const isShipped = checkout.consignments.some((each) => each.selectedShippingOption);
  return {
    subtotal: checkout.subtotal,
    automatic: checkout.orderBasedAutoDiscountTotal + checkout.manualDiscountTotal,
    coupons,
    hasShipping: isShipped || checkout.consignments.some((each) => each.selectedPickupOption),
    shipping: checkout.shippingCostTotal,
    handling: checkout.handlingCostTotal,
    wrapping: checkout.giftWrappingCostTotal,
    fees: checkout.fees,
    taxes: checkout.taxes,
    isTaxIncluded: checkout.cart.isTaxIncluded,
    total: checkout.grandTotal,
    paid,
    due: checkout.outstandingBalance,
  };
}

/** `below(group, at)`: what stands under the name of goods; nothing where they can only be looked at. */
export function lines(lineItems, money, below = () => null) {
  return el(
    "ul",
    { class: "lines" },
    grouped(everything(lineItems)).map((group, at) =>
      el(
        "li",
        {},
        el("span", { class: "times" }, `${group.quantity} ×`),
        el("span", { class: "line-name" }, group.name, el("span", { class: "quiet" }, group.isGift ? "Gift" : group.options.map((each) => `${each.name}: ${each.value}`).join(", "))),
        el("span", { class: "amount" }, group.was > group.price ? el("del", { class: "quiet" }, el("span", { class: "hidden" }, "before: "), money(group.was)) : null, " ", money(group.price)),
        below(group, at),
      ),
    ),
  );
}

export function table(rows, money) {
  return el(
    "dl",
    { class: "totals" },
    rows.map(([name, amount, kind = ""]) => el("div", { class: kind }, el("dt", {}, name), el("dd", { class: "amount" }, money(amount)))),
  );
}

export function view(state, actions) {
  const { checkout, money } = state;
  const banners = (checkout.promotions ?? []).flatMap((each) => each.banners ?? []).map((banner) => el("p", { class: "notice" }, plain(banner.text ?? "")));
  return el(
    "details",
    { class: "summary", id: "summary", open: state.summaryIsOpen, ontoggle: (event) => actions.summaryToggled(event.target.open) },
    el("summary", { id: "summary-toggle" }, el("span", {}, "Your order"), el("span", { class: "amount strong" }, money(checkout.outstandingBalance))),
    el("div", { class: "stack" }, cart(state, actions), ...banners, codes(state, actions), table(totals(ofCheckout(checkout)), money)),
  );
}

/** What is bought; how many of it can be changed once the shopper asks for it. Gifts come and go by themselves. */
function cart({ checkout, money, isChangingLines, lineProblem }, actions) {
  const change = (group, at) => {
    if (!isChangingLines || group.isGift) return null;
    const remove = button("Remove", { kind: "link", id: `line-${at}-remove`, "aria-label": `Remove ${described(group)} from the order`, onclick: () => actions.changeLines(group, 0) });
    const isCertificate = group.lines.some((line) => line.recipient);
    return el("div", { class: "actions change" }, isCertificate ? null : counter(`line-${at}`, group, group.quantity, { least: 1, where: " in the order", set: (quantity) => actions.changeLines(group, quantity) }), remove);
  };
  const toggle = button(isChangingLines ? "Done" : "Change quantities", { kind: "link", id: "change-lines", "aria-expanded": String(isChangingLines), onclick: () => actions.showLineChanges(!isChangingLines) });
  return el("section", { class: "stack cart", "aria-label": "What is in the order" }, lines(checkout.cart.lineItems, money, change), el("p", { class: "error", id: "line-error", role: "alert" }, lineProblem), el("div", {}, toggle));
}

/** The text of a banner without its mark-up. */
const plain = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;

function codes({ checkout, code: typed, codeProblem }, actions) {
  const input = el("input", { type: "text", name: "code", value: typed, maxlength: 255, oninput: () => actions.codeTyped(input.value), autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  const form = el(
    "form",
    {
      novalidate: true,
      id: "code-form",
      onsubmit: (event) => {
        event.preventDefault();
        const code = input.value.trim();
        if (check(form, code ? [] : [["code", "Enter a code."]])) actions.apply(code);
      },
    },
    field("code", "Coupon or gift certificate", input),
    el("button", { type: "submit", class: "button", id: "code-submit" }, "Apply"),
  );
  if (codeProblem) complain(form, "code", codeProblem);
  const applied = [
    ...checkout.coupons.map((each) => [each.code, each.displayName, () => actions.withdraw("coupons", each.code)]),
    ...checkout.giftCertificates.map((each) => [each.code, "Gift certificate", () => actions.withdraw("gift-certificates", each.code)]),
  ];
  return el(
    "section",
    { class: "codes", "aria-label": "Coupons and gift certificates" },
    form,
    applied.length
      ? el("ul", { class: "applied" }, applied.map(([code, name, remove], at) => el("li", {}, el("span", {}, el("span", { class: "strong" }, code), name ? ` ${name}` : ""), button("Remove", { kind: "link", id: `withdraw-${at}`, "aria-label": `Remove ${code}`, onclick: remove }))))
      : null,
  );
}
