// What is in the cart, as a shopper sees it: units of the same goods are one thing, however they are divided over places.

const key = (line) => [line.productId, line.variantId, line.sku, line.name, (line.options ?? []).map((each) => each.value)].join("|");

/** Lines of a cart or an order that a shopper may send somewhere. */
export function shippable({ physicalItems, customItems = [] }) {
  return [...physicalItems.filter((line) => line.isShippingRequired && !line.addedByPromotion), ...customItems];
}

export function everything({ physicalItems, digitalItems, giftCertificates = [], customItems = [] }) {
  return [...physicalItems, ...digitalItems, ...customItems, ...giftCertificates.map((each) => ({ ...each, quantity: 1, extendedSalePrice: each.amount }))];
}

/** Lines of the same goods as one: `[{ key, name, options, quantity, price, lines }]`, in the order of the cart. */
export function grouped(lines) {
  const groups = new Map();
  for (const line of lines) {
    const name = key(line);
    if (!groups.has(name)) {
      groups.set(name, { key: name, name: line.name, options: line.options ?? [], quantity: 0, price: 0, was: 0, variantId: line.variantId, isGift: Boolean(line.addedByPromotion), lines: [] });
    }
    const group = groups.get(name);
    group.quantity += line.quantity;
    group.price += line.extendedSalePrice ?? line.extendedListPrice ?? 0;
    group.was += line.extendedComparisonPrice ?? line.extendedListPrice ?? 0; // with tax if prices are shown with it
    group.lines.push(line);
  }
  return [...groups.values()];
}

export const described = (group) => [group.name, ...group.options.map((each) => each.value)].join(", ");

/** The lines of a consignment. */
export function held(checkout, consignment) {
  return shippable(checkout.cart.lineItems).filter((line) => consignment.lineItemIds.includes(line.id));
}

/** The lines that no consignment holds. */
export function unassigned(checkout) {
  const ids = new Set(checkout.consignments.flatMap((each) => each.lineItemIds));
  return shippable(checkout.cart.lineItems).filter((line) => !ids.has(line.id));
}

/** `[{ itemId, quantity }]` for so many units of each goods, taken from these lines in their order. */
export function units(lines, wanted) {
  const left = new Map(wanted);
  const taken = [];
  for (const line of lines) {
    const quantity = Math.min(line.quantity, left.get(key(line)) ?? 0);
    if (quantity > 0) {
      taken.push({ itemId: line.id, quantity });
      left.set(key(line), left.get(key(line)) - quantity);
    }
  }
  return taken;
}

export const all = (lines) => lines.map((line) => ({ itemId: line.id, quantity: line.quantity }));

/**
 * The lines that change for another number of units of a group, `[[line, quantity]]`: first those in `free`, that is, at no place yet. One
 * more joins one line; fewer are taken from the last lines, and 0 removes them all.
 */
export function lineChanges(group, quantity, free) {
  const isFree = (line) => free.some((each) => each.id === line.id);
  const inOrder = [...group.lines.filter(isFree), ...group.lines.filter((line) => !isFree(line)).reverse()];
  let missing = quantity - group.quantity;
  if (missing > 0) {
    const line = isFree(inOrder[0]) ? inOrder[0] : group.lines[0];
    return [[line, line.quantity + missing]];
  }
  const changed = [];
  for (const line of inOrder) {
    const less = Math.min(line.quantity ?? 1, -missing);
    if (less > 0) changed.push([line, (line.quantity ?? 1) - less]);
    missing += less;
  }
  return changed;
}

/** `[{ variantId, quantity }]`, as the search for places wants it. */
export const variants = (groups) => groups.filter((group) => group.variantId).map(({ variantId, quantity }) => ({ variantId, quantity }));
