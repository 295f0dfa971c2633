// The Storefront API as this page uses it. A refusal becomes a `Problem` that says in words what is wrong.

const INCLUDE = [
  "cart.lineItems.physicalItems.options",
  "cart.lineItems.digitalItems.options",
  "consignments.availableShippingOptions",
  "customer",
  "payments",
  "promotions.banners",
].join(",");

export class Problem extends Error {
  constructor(message, { status = 0, type = "", code = "" } = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
  }
}

function token() {
  return decodeURIComponent(/(?:^|; )XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? "");
}

export async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-XSRF-TOKEN": token() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, credentials: "same-origin", body: body && JSON.stringify(body) });
  } catch {
    throw new Problem("The shop cannot be reached at the moment. Check your connection, and try again.");
  }
  const text = await answer.text();
  let said;
  try {
    said = text ? JSON.parse(text) : null;
  } catch {
    said = null;
  }
  if (!answer.ok) throw problem(answer.status, said);
  return said;
}

function problem(status, said) {
  const listed = Array.isArray(said?.errors) ? said.errors : [];
  const message = said?.detail || said?.title || "Something went wrong. Please try again.";
  return new Problem(message.replace(/`([^`]*)`/g, "$1"), { status, type: said?.type ?? "", code: listed[0]?.code ?? "" });
}

const API = "/api/storefront";

/** All that is asked for before anything can be shown, at once. */
export async function begin() {
  const settings = await call("GET", `${API}/checkout-settings`); // gives the browser its cookies, too
  const id = settings.context.checkoutId;
  const [fields, shippingCountries, countries, methods, checkout] = await Promise.all([
    call("GET", `${API}/form-fields`),
    call("GET", "/internalapi/v1/shipping/countries"),
    call("GET", "/internalapi/v1/store/countries"),
    call("GET", `${API}/payments?cartId=${id ?? ""}`),
    id ? read(id) : null,
  ]);
  return { settings, fields, shippingCountries: shippingCountries.data, countries: countries.data, methods, checkout };
}

export function read(id) {
  return call("GET", `${API}/checkout/${id}?include=${INCLUDE}`);
}

/** A change of a checkout that nobody else has changed since; answers the whole checkout. */
export function change(checkout, method, path, body = {}) {
  const all = Array.isArray(body) ? body.map((each) => ({ ...each, version: checkout.version })) : { ...body, version: checkout.version };
  return call(method, `${API}/checkouts/${checkout.id}${path}?include=${INCLUDE}`, all);
}

export function places(items, position) {
  const { latitude, longitude } = position ?? { latitude: 0, longitude: 0 };
  const searchArea = { coordinates: { latitude, longitude }, radius: { value: 13000, unit: "MI" } };
  return call("POST", `${API}/pickup-options`, { searchArea, items });
}

/** Answers `{ customer, persistentCartRetrievalInformation }`: the latter where the session has another cart now. */
export async function signIn(email, password) {
  return (await call("POST", "/internalapi/v1/checkout/customer", { email, password })).data;
}

export function signOut() {
  return call("DELETE", "/internalapi/v1/checkout/customer", {});
}

export function register(account) {
  return call("POST", `${API}/customers`, account);
}

/** The guest who has just ordered becomes a customer. */
export function registerAfter(orderId, password) {
  return call("PUT", "/internalapi/v1/checkout/customer", { orderId, password, confirmPassword: password });
}

export function keepAddress(address) {
  return call("POST", `${API}/customer-address`, address);
}

export function subscribe(email) {
  return call("POST", `${API}/subscriptions`, { email, acceptsMarketingNewsletter: true });
}

export async function order(checkout, methodId, customerMessage) {
  const payment = methodId ? { payment: { name: methodId } } : {};
  const made = await call("POST", "/internalapi/v1/checkout/order", { cartId: checkout.id, customerMessage, ...payment });
  return made.data.order.orderId;
}

export function readOrder(orderId) {
  return call("GET", `${API}/orders/${orderId}?include=payments,lineItems.physicalItems.options,lineItems.digitalItems.options`);
}
