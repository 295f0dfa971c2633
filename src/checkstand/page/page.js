// The checkout page. One state; each step is drawn from it anew whenever something has come back from the server.
//
//   begin -> contact -> delivery -> payment -> the order's confirmation
//
// Actions ask the server for one change at a time. What it answers is the whole checkout, which takes the place of the old one.

import * as api from "./api.js";
import { blamed, inOneLine, inWords, isComplete } from "./address.js";
import { plain } from "./book.js";
import * as confirmation from "./confirmation.js";
import * as contact from "./contact.js";
import * as delivery from "./delivery.js";
import { button, el, fill, typeAgain, typedIn } from "./elements.js";
import { all, everything, lineChanges, shippable, unassigned } from "./goods.js";
import { writer } from "./money.js";
import * as payment from "./payment.js";
import * as summary from "./summary.js";

const CONFIRMATION = "/checkout/order-confirmation";
const LAST_ORDER = "checkstand-order";
/** The checkout an order was asked for: its answer may be lost on the way. */
const ORDERING = "checkstand-ordering";

/** Words by which the server says that an order would be another one than was shown. */
const CHANGED = ["cart_changed", "cart_has_changed"];

const page = document.getElementById("page");
const steps = document.getElementById("steps");
const progress = document.getElementById("progress");
const aside = el("aside", { id: "aside", "aria-label": "Order summary" });

const wide = window.matchMedia("(min-width: 60rem)"); // as in page.css

const state = {
  checkout: null,
  settings: null,
  fields: null,
  countries: [],
  shippingCountries: [],
  methods: [],
  money: String,
  open: "contact",
  entry: "",
  mode: null,
  editing: null,
  adding: null,
  billingIsSame: true,
  methodId: null,
  problem: "",
  note: "",
  code: "",
  codeProblem: "",
  isChangingLines: false,
  lineProblem: "",
  isGone: false,
  draft: null,
  message: "",
  isAgreed: false,
  summaryIsOpen: wide.matches,
};

wide.addEventListener("change", () => {
  state.summaryIsOpen = wide.matches;
  if (state.checkout && aside.isConnected) drawSummary();
});

// ---------------------------------------------------------------------------------------------------- drawing

const PARTS = { contact, delivery, payment };

function shownSteps() {
  return delivery.isNeeded(state) ? ["contact", "delivery", "payment"] : ["contact", "payment"];
}

function draw() {
  const names = shownSteps();
  const sections = names.map((name, at) => {
    const part = PARTS[name];
    const isOpen = state.open === name;
    const isPassed = names.indexOf(state.open) > at;
    return el(
      "section",
      { class: `step ${isOpen ? "open" : ""}`, id: `step-${name}`, "aria-labelledby": `heading-${name}` },
      el(
        "div",
        { class: "row" },
        el("h2", { id: `heading-${name}`, tabindex: "-1" }, el("span", { class: "number", "aria-hidden": "true" }, isPassed ? "✓" : String(at + 1)), part.title),
        isPassed ? button("Change", { kind: "link", id: `change-${name}`, "aria-label": `Change ${part.title.toLowerCase()}`, onclick: () => actions.change(name) }) : null,
      ),
      isOpen ? [el("p", { class: "problem", role: "alert", id: "problem" }, state.problem), state.note ? el("p", { class: "notice", role: "status", id: "note" }, state.note) : null, part.body(state, actions)] : null,
      isPassed && part.summary ? el("div", { class: "done" }, part.summary(state)) : null,
    );
  });
  const focused = steps.contains(document.activeElement) ? document.activeElement.id : null;
  const typed = typedIn(openControls(state.open));
  fill(steps, el("h1", { class: "hidden" }, "Checkout"), ...sections);
  typeAgain(() => openControls(state.open), typed);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  if (focused !== null && !steps.contains(document.activeElement)) focusNear(focused);
  drawSummary();
}

/** Those of a form that is open in a step: what was typed there outlives the step's being drawn anew. */
const openControls = (name) => steps.querySelectorAll(["form", ".entry"].map((form) => `#step-${name}.open ${form} :is(input, select, textarea)`).join(", "));

/** What had the focus is gone, or rests: the other button of a stepper has it then, else the step's heading. */
function focusNear(id) {
  const other = id.endsWith("-less") ? id.replace(/less$/, "more") : id.replace(/more$/, "less");
  const button = other === id ? null : document.getElementById(other);
  if (button && !button.disabled) button.focus({ preventScroll: true });
  else document.getElementById(`heading-${state.open}`)?.focus({ preventScroll: true });
}

function drawSummary() {
  const focused = aside.contains(document.activeElement) ? document.activeElement.id : null;
  fill(aside, summary.view(state, actions));
  if (!aside.isConnected) page.prepend(aside);
  if (focused === null || aside.contains(document.activeElement)) return;
  const other = document.getElementById(focused.endsWith("-less") ? focused.replace(/less$/, "more") : focused.replace(/more$/, "less"));
  (other && !other.disabled ? other : document.getElementById("change-lines")).focus({ preventScroll: true });
}

/** Where it can be seen, without drawing the step anew: what was typed stays. A cart that is gone lets nothing else be pressed. */
function showProblem() {
  const gone = document.getElementById("gone");
  if (state.isGone && !gone) {
    page.before(goneCart());
    for (const part of page.children) part.inert = true;
    focus("reopen");
    return;
  }
  const shown = document.getElementById("problem");
  if (!shown) return;
  shown.textContent = state.problem;
  if (state.problem) shown.scrollIntoView({ block: "center" });
}

function goneCart() {
  const text = "This cart is not open here any more: it was emptied or ordered in another window, or your browser has forgotten it.";
  return el("section", { id: "gone", class: "stack" }, el("p", { class: "problem", role: "alert" }, text), el("div", { class: "actions" }, button("See what is in the cart now", { kind: "main", id: "reopen", onclick: actions.reopen })));
}

function focus(id) {
  document.getElementById(id)?.focus();
}

// ---------------------------------------------------------------------------------------------------- asking the server

/**
 * Controls rest and the page says what it is waiting for, until the server has answered. False: it refused, and what was typed into a
 * form is still there to be mended. `where` a refusal that changes nothing is shown: a name in `state`.
 */
async function busy(text, work, where = "problem") {
  if (page.getAttribute("aria-busy") === "true") return false;
  page.setAttribute("aria-busy", "true");
  progress.textContent = text;
  Object.assign(state, { problem: "", note: "", codeProblem: "", lineProblem: "" });
  const before = state.checkout;
  let isDone = true;
  let against = null;
  try {
    await work();
  } catch (error) {
    isDone = false;
    against = await told(error);
    if (where !== "problem" && state.checkout === before) Object.assign(state, { [where]: state.problem, problem: "" });
  }
  page.removeAttribute("aria-busy");
  progress.textContent = "";
  if (!state.checkout) return leave();
  if (isDone || against || state.checkout !== before || !steps.querySelector(".step.open form")) draw();
  else drawSummary();
  showProblem();
  if (against) steps.querySelector(".entry")?.given(against);
  return isDone;
}

/**
 * What the shopper is told about a refusal. What somebody else has changed is shown as it is now. Where an address has to be
 * mended, what is against its fields: its form is to be shown.
 */
async function told(error) {
  if (!(error instanceof api.Problem)) throw error;
  state.problem = error.message;
  try {
    if (isGone(error)) state.isGone = true;
    else if (error.status === 409 || CHANGED.includes(error.type)) {
      const now = await api.read(state.checkout.id);
      if (now.version === state.checkout.version && !CHANGED.includes(error.type)) return null; // about something else than the cart
      state.problem = "Your order was changed in another window, or what it costs has changed. This is how it is now; look at it once more.";
      state.checkout = now;
    } else if (error.type === "cart_stock_positions_changed") {
      state.checkout = await api.read(state.checkout.id);
      Object.assign(state, { isChangingLines: true, summaryIsOpen: true });
    } else if (error.type === "stock_too_low") Object.assign(state, { isChangingLines: true, summaryIsOpen: true });
    else if (error.type === "invalid_shipping_address" || error.type === "invalid_billing_address") return leadToAddress(error);
  } catch (refused) {
    if (!(refused instanceof api.Problem)) throw refused;
    if (isGone(refused)) state.isGone = true;
    else state.problem = refused.message;
  }
  return null;
}

/** The session has no such cart any more, or the browser has no session. */
const isGone = ({ status, message }) => (status === 404 && message.includes("in this session")) || (status === 403 && message.includes("XSRF-TOKEN"));

/**
 * A consignment's address stands for its id in the sentence, and the form of what is wrong is open. What is wrong with an address that is
 * the bill's and a consignment's is mended where it was typed.
 */
function leadToAddress({ type, message }) {
  const against = blamed(message);
  const isOfBill = type === "invalid_billing_address";
  state.problem = inWords(message);
  if (isOfBill && !(payment.isBilledAsShipped(state) && against.length)) {
    Object.assign(state, { open: "payment", billingIsSame: false, editing: "billing" });
    return against;
  }
  const { consignments } = state.checkout;
  const consignment = isOfBill ? consignments.find((each) => !each.selectedPickupOption) : consignments.find((each) => message.includes(each.id));
  if (!consignment) return null;
  const place = inOneLine(consignment.address);
  for (const words of ["The billing address", `The shipping address of consignment ${consignment.id}`]) state.problem = state.problem.replace(words, `The address ${place}`);
  state.problem = state.problem.replaceAll(`consignment ${consignment.id}`, place);
  Object.assign(state, { open: "delivery", mode: null, editing: consignment.id, adding: null });
  return against;
}

/** Without a last line there is no checkout any more. */
async function change(method, path, body) {
  state.checkout = await api.change(state.checkout, method, path, body);
}

/** The cart is empty by now. */
function leave() {
  nothing("Your cart is empty", "Put something into it, and come back.", state.settings.storeConfig.links.siteLink);
  return false;
}

/** A parcel without a choice gets the recommended one; a shopper may choose another. */
async function chooseRecommended() {
  for (const consignment of state.checkout.consignments) {
    if (consignment.selectedShippingOption || consignment.selectedPickupOption) continue;
    const option = (consignment.availableShippingOptions ?? []).find((each) => each.isRecommended);
    if (option) await change("PUT", `/consignments/${consignment.id}`, { shippingOptionId: option.id });
  }
}

/** Apply a code, as a coupon or as a gift certificate. What the shop says against it; "": nothing. */
async function applied(code) {
  try {
    await change("POST", "/coupons", { couponCode: code });
    return "";
  } catch (refused) {
    if (![400, 422].includes(refused.status)) throw refused;
    if (refused.code !== "invalid" || refused.status === 422) return refused.message;
  }
  try {
    await change("POST", "/gift-certificates", { giftCertificateCode: code });
    return "";
  } catch (refused) {
    if (![400, 422, 429].includes(refused.status)) throw refused;
    return refused.message.endsWith("is invalid") ? `The code ${code} is not known here.` : refused.message;
  }
}

async function removeAll(kind) {
  for (const each of state.checkout.consignments.filter(kind)) await change("DELETE", `/consignments/${each.id}`);
}

/** The address book of a customer keeps what they ask it to. */
async function keep(address) {
  if (address.shouldSaveAddress) await api.keepAddress(address);
}

/** The cart of the session, which signing in and out may have changed for another one, or added to. */
async function readAgain() {
  const { context } = await api.call("GET", "/api/storefront/checkout-settings");
  state.checkout = await api.read(context.checkoutId ?? state.checkout.id);
}

const unitsOf = ({ cart }) => everything(cart.lineItems).filter((line) => !line.addedByPromotion).reduce((sum, line) => sum + line.quantity, 0);

/** What came along from the cart a customer had before. */
function sayWhatCame(before) {
  const came = unitsOf(state.checkout) - unitsOf(before);
  if (state.checkout.id !== before.id) state.note = "This is the cart you had before.";
  else if (came > 0) state.note = came === 1 ? "One thing from your earlier cart was added." : `${came} things from your earlier cart were added.`;
}

/** Whether the step that is open has nothing to ask before it, and is still one. */
const isStillOpen = () => shownSteps().includes(state.open) && shownSteps().indexOf(state.open) <= shownSteps().indexOf(firstUndone());

/** The first step that still asks for something; the last one, if none does. */
const firstUndone = () => shownSteps().find((name) => PARTS[name].isDone && !PARTS[name].isDone(state)) ?? "payment";

/** Who buys is known: the bill goes to this email address until there is another. */
async function identified(email) {
  const known = state.checkout.billingAddress;
  if (known?.id) await change("PUT", `/billing-address/${known.id}`, { ...known, email });
  else await change("POST", "/billing-address", { email });
}

async function billTo(address) {
  const { email, id } = state.checkout.billingAddress;
  const own = new Set(state.fields.billingAddress.filter((each) => each.custom).map((each) => each.id));
  const customFields = (address.customFields ?? []).filter((each) => own.has(each.fieldId));
  await change("PUT", `/billing-address/${id}`, { ...plain(address), email, customFields });
}

/** A billing address that was typed. */
async function billed(address) {
  await keep(address);
  await billTo(address);
  state.editing = null;
}

const QUOTES = "Looking for ways to ship …";

const actions = {
  say(text) {
    state.problem = text;
    showProblem();
  },

  fail(error) {
    told(error).then(showProblem);
  },

  typed(message) {
    state.message = message;
  },

  goTo(name) {
    Object.assign(state, { open: name, editing: null, adding: null, problem: "" });
    draw();
    focus(`heading-${name}`);
  },

  /** Back to a step that is passed. */
  change(name) {
    state.note = "";
    actions.goTo(name);
  },

  edit(id) {
    Object.assign(state, { editing: id, problem: "" });
    draw();
    steps.querySelector("form input, form select")?.focus();
  },

  summaryToggled(isOpen) {
    state.summaryIsOpen = isOpen;
  },

  /** The cart the session has now, if it has one. What was typed about where things go is still known. */
  async reopen() {
    const typed = steps.querySelector("form.entry");
    const shipped = state.checkout.consignments.find((each) => !each.selectedPickupOption)?.address ?? {};
    const address = typed ? typed.typed() : shipped;
    const email = document.getElementById("email")?.value || (state.checkout.billingAddress?.email ?? "");
    try {
      const begun = await api.begin();
      document.getElementById("gone").remove();
      for (const part of page.children) part.inert = false;
      Object.assign(state, begun, { isGone: false, problem: "", note: "", mode: null, editing: null, adding: null });
    } catch (error) {
      if (!(error instanceof api.Problem)) throw error;
      document.querySelector("#gone .problem").textContent = error.message;
      return;
    }
    if (!state.checkout) {
      leave();
      return;
    }
    state.draft = { ...address, email };
    await busy("Opening your checkout …", openFirstUndone);
    focus(`heading-${state.open}`);
  },

  showLineChanges(isChangingLines) {
    Object.assign(state, { isChangingLines, lineProblem: "" });
    drawSummary();
  },

  /** So many units of the goods of a group, 0: none. */
  async changeLines(group, quantity) {
    await busy(
      "Saving …",
      async () => {
        for (const [line, left] of lineChanges(group, quantity, unassigned(state.checkout))) {
          const path = `/carts/${state.checkout.cart.id}/items/${line.id}`;
          if (left) await change("PUT", path, { lineItem: { quantity: left } });
          else await change("DELETE", path);
          if (!state.checkout) return;
        }
        await chooseRecommended();
        if (!isStillOpen()) Object.assign(state, { open: firstUndone(), note: "This step asks for something again, now that the order is another one." });
      },
      "lineProblem",
    );
  },

  async contact(email, wantsNews) {
    const done = await busy("Saving …", async () => {
      await identified(email);
      if (wantsNews) await api.subscribe(email);
    });
    if (done) actions.goTo(shownSteps()[1]);
  },

  /** "guest", "sign-in" or "register". */
  enter(name) {
    Object.assign(state, { entry: name, problem: "" });
    draw();
    steps.querySelector("form input")?.focus();
  },

  async signIn(email, password) {
    const done = await busy("Signing in …", async () => {
      const before = state.checkout;
      const { customer } = await api.signIn(email, password);
      await readAgain();
      sayWhatCame(before);
      await identified(customer.email);
      state.entry = "";
    });
    if (done) actions.goTo(shownSteps()[1]);
  },

  async register(account) {
    const done = await busy("Making your account …", async () => {
      await api.register(account);
      await readAgain();
      await identified(account.email);
      state.entry = "";
    });
    if (done) actions.goTo(shownSteps()[1]);
  },

  async signOut() {
    await busy("Signing out …", async () => {
      await api.signOut();
      state.entry = "";
      await readAgain();
    });
    focus("heading-contact");
  },

  // ------------------------------------------------------------------------------------------------ delivery

  setMode(mode) {
    Object.assign(state, { mode, editing: null, adding: null, problem: "" });
    draw();
    focus(`mode-${mode}`);
  },

  async shipAll(address) {
    const done = await busy(QUOTES, async () => {
      await keep(address);
      await removeAll((each) => each.selectedPickupOption);
      const [first] = state.checkout.consignments;
      const lineItems = all(shippable(state.checkout.cart.lineItems)); // only now: lines of the same goods have become one
      if (first) await change("PUT", `/consignments/${first.id}`, { address, lineItems });
      else await change("POST", "/consignments", [{ address, lineItems }]);
      Object.assign(state, { editing: null, mode: null });
      await chooseRecommended();
    });
    if (done) (steps.querySelector(".options input:checked") ?? steps.querySelector(".options input") ?? document.getElementById("heading-delivery")).focus();
  },

  pickUpAll(method) {
    return busy("Saving …", async () => {
      await removeAll(() => true);
      const lineItems = all(shippable(state.checkout.cart.lineItems));
      await change("POST", "/consignments", [{ pickupOption: { pickupMethodId: method.id }, lineItems }]);
      Object.assign(state, { editing: null, mode: null });
    });
  },

  choose(consignment, option) {
    return busy("Saving …", () => change("PUT", `/consignments/${consignment.id}`, { shippingOptionId: option.id }));
  },

  add(kind) {
    Object.assign(state, { adding: kind, problem: "" });
    draw();
    focus(kind ? "new-heading" : "add-address");
  },

  async addAddress(address, lineItems) {
    const done = await busy(QUOTES, async () => {
      await keep(address);
      await change("POST", "/consignments", [{ address, lineItems }]);
      Object.assign(state, { adding: null, mode: "several" });
      await chooseRecommended();
    });
    if (done) focus(`card-${state.checkout.consignments.length - 1}`);
  },

  async addPickUp(method, lineItems) {
    const done = await busy("Saving …", async () => {
      await change("POST", "/consignments", [{ pickupOption: { pickupMethodId: method.id }, lineItems }]);
      Object.assign(state, { adding: null, mode: "several" });
    });
    if (done) focus(`card-${state.checkout.consignments.length - 1}`);
  },

  async moveTo(consignment, address) {
    const done = await busy(QUOTES, async () => {
      await keep(address);
      await change("PUT", `/consignments/${consignment.id}`, { address });
      state.editing = null;
      await chooseRecommended();
    });
    if (done) focus(`card-${state.checkout.consignments.findIndex((each) => each.id === consignment.id)}`);
  },

  fillWith(consignment, lineItems) {
    state.mode = "several";
    return busy(QUOTES, async () => {
      if (lineItems.length) await change("PUT", `/consignments/${consignment.id}`, { lineItems });
      else await change("DELETE", `/consignments/${consignment.id}`);
      await chooseRecommended();
    });
  },

  remove(consignment) {
    state.mode = "several";
    return busy("Saving …", () => change("DELETE", `/consignments/${consignment.id}`));
  },

  places: api.places,

  async deliveryDone() {
    const done = await busy("Saving …", async () => {
      if (payment.isBilledAsShipped(state)) await billTo(payment.shippedTo(state));
    });
    if (done) actions.goTo("payment");
  },

  // ------------------------------------------------------------------------------------------------ codes and payment

  codeTyped(code) {
    state.code = code;
  },

  async apply(code) {
    let refusal = "";
    await busy("Applying the code …", async () => {
      refusal = await applied(code);
      if (refusal) return;
      state.code = "";
      await chooseRecommended();
    });
    if (!refusal) return;
    state.codeProblem = refusal;
    drawSummary();
    focus("code");
  },

  async withdraw(kind, code) {
    const done = await busy("Removing the code …", async () => {
      await change("DELETE", `/${kind}/${encodeURIComponent(code)}`);
      await chooseRecommended();
    });
    if (done) focus(document.getElementById("withdraw-0") ? "withdraw-0" : "code-submit");
  },

  billingIsSame(isSame) {
    state.billingIsSame = isSame;
    state.editing = isSame ? null : "billing";
    if (isSame) return busy("Saving …", () => billTo(payment.shippedTo(state)));
    draw();
    return null;
  },

  bill(address) {
    return busy("Saving …", () => billed(address));
  },

  useStoreCredit(isUsed) {
    return busy("Saving …", () => change(isUsed ? "POST" : "DELETE", "/store-credit"));
  },

  chooseMethod(id) {
    Object.assign(state, { methodId: id, problem: "" });
  },

  agree(isAgreed) {
    state.isAgreed = isAgreed;
  },

  /** `address`: the bill's, where it was typed and not saved. */
  async order(methodId, message, address) {
    let orderId = 0;
    const done = await busy("Placing your order …", async () => {
      const shown = state.checkout.outstandingBalance;
      if (address) await billed(address);
      const seen = state.checkout;
      if (seen.outstandingBalance !== shown) throw new api.Problem(`With this billing address the total is ${state.money(seen.outstandingBalance)}. Press once more to order.`);
      const now = await api.read(seen.id);
      if (now.version !== seen.version || now.outstandingBalance !== seen.outstandingBalance) throw new api.Problem("", { type: "cart_has_changed" });
      sessionStorage.setItem(ORDERING, seen.id);
      orderId = await api.order(seen, methodId, message);
    });
    if (!done) return;
    sessionStorage.removeItem(ORDERING);
    sessionStorage.setItem(LAST_ORDER, String(orderId));
    history.replaceState(null, "", `${CONFIRMATION}/${orderId}`);
    await confirm(orderId);
  },
};

// ---------------------------------------------------------------------------------------------------- beginning

function named(settings) {
  const { storeProfile, links, currency } = settings.storeConfig;
  document.title = `Checkout – ${storeProfile.storeName}`;
  const shop = document.getElementById("shop");
  shop.textContent = storeProfile.storeName;
  if (/^(https?:|\/)/.test(links.siteLink)) shop.href = links.siteLink;
  state.money = writer(currency);
}

function nothing(heading, text, link) {
  page.removeAttribute("aria-busy");
  page.classList.add("alone");
  aside.remove();
  fill(steps, el("section", { class: "step open stack" }, el("h1", {}, heading), el("p", {}, text), link ? el("p", {}, el("a", { href: link }, "Back to the shop")) : null));
}

/** A link led to a customer's cart: it opens when they have signed in. */
function signInFirst(then) {
  page.removeAttribute("aria-busy");
  page.classList.add("alone");
  const shown = el("p", { class: "problem", role: "alert", id: "problem" });
  const submit = (email, password) => {
    shown.textContent = "";
    api.signIn(email, password).then(() => location.assign(then), (refused) => (shown.textContent = refused.message));
  };
  const heading = el("h1", { id: "sign-in-first", tabindex: "-1" }, "Sign in to open this cart");
  fill(steps, el("section", { class: "step open stack" }, heading, el("p", {}, "The link you followed leads to the cart of a customer."), shown, contact.signInForm("", submit)));
  focus("sign-in-first");
}

async function confirm(orderId) {
  const [order, settings] = await Promise.all([api.readOrder(orderId), state.settings ?? api.call("GET", "/api/storefront/checkout-settings")]);
  named(settings);
  document.title = `Order ${order.orderId} – ${settings.storeConfig.storeProfile.storeName}`;
  page.removeAttribute("aria-busy");
  page.classList.add("alone");
  aside.remove();
  const money = writer({ ...settings.storeConfig.currency, symbol: order.currency.symbol, decimalPlaces: order.currency.decimalPlaces });
  fill(steps, ...confirmation.view(order, money, settings, becomeCustomer));
  window.scrollTo(0, 0);
  focus("thanks");
}

/** The order is nobody's here: it was made in another browser, or long ago. */
async function noOrder(refused) {
  if (!(refused instanceof api.Problem) || refused.status !== 404) throw refused;
  const settings = await api.call("GET", "/api/storefront/checkout-settings");
  named(settings);
  nothing("This order cannot be shown here", "It was made in another browser, or some time ago.", settings.storeConfig.links.siteLink);
}

/** The guest of an order becomes a customer. What the shop says against it; "": nothing. */
async function becomeCustomer(orderId, password) {
  try {
    await api.registerAfter(orderId, password);
    return "";
  } catch (refused) {
    if (!(refused instanceof api.Problem)) throw refused;
    return refused.message;
  }
}

async function begin() {
  if (location.pathname.includes("order-confirmation")) {
    const orderId = /(\d+)\/?$/.exec(location.pathname)?.[1] ?? sessionStorage.getItem(LAST_ORDER);
    if (orderId) return confirm(orderId).catch(noOrder);
    return nothing("There is no order here", "The address of this page names no order of yours.", "/");
  }
  const asked = new URLSearchParams(location.search);
  const [link, then] = [asked.get("link"), asked.get("then") ?? ""];
  if (link) history.replaceState(null, "", location.pathname);
  const begun = await api.begin();
  named(begun.settings);
  const { checkout } = begun;
  const { siteLink } = begun.settings.storeConfig.links;
  if (link === "sign_in_required" && then.startsWith("/cart.php?")) return signInFirst(then);
  const orderId = checkout ? 0 : await orderUnanswered();
  if (orderId) return confirm(orderId);
  if (!checkout && link) return nothing("This link opens no cart", "It was used already, or is out of date. Go back to the shop, and open the checkout once more.", siteLink);
  if (!checkout) return nothing("Your cart is empty", "Put something into it, and come back.", siteLink);
  if (checkout.orderId && (await isOrdered(checkout.orderId))) return confirm(checkout.orderId);
  Object.assign(state, begun, { message: checkout.customerMessage ?? "" });
  if (begun.methods.length === 1) state.methodId = begun.methods[0].id;
  const { customer } = checkout;
  if (customer && !customer.isGuest && !checkout.billingAddress?.email) await identified(customer.email);
  await openFirstUndone();
  page.removeAttribute("aria-busy");
  if (link) state.problem = "The link you followed was used already, or is out of date. This is the cart that is open here.";
  draw();
  return null;
}

async function openFirstUndone() {
  state.open = firstUndone();
  if (state.open !== "payment") return;
  state.billingIsSame = !isComplete(state.checkout.billingAddress);
  if (payment.isBilledAsShipped(state)) await billTo(payment.shippedTo(state));
}

/** The number of the order that was made although its answer never came; 0: none was. */
async function orderUnanswered() {
  const id = sessionStorage.getItem(ORDERING);
  if (!id) return 0;
  sessionStorage.removeItem(ORDERING);
  try {
    const { orderId } = await api.read(id);
    return orderId && (await isOrdered(orderId)) ? orderId : 0;
  } catch {
    return 0;
  }
}

/** Whether a checkout with an order's number is this session's order, and not one the shop's own systems made of it. */
async function isOrdered(orderId) {
  try {
    await api.readOrder(orderId);
    return true;
  } catch {
    return false;
  }
}

begin().catch((error) => {
  if (!(error instanceof api.Problem)) console.error(error);
  nothing("The checkout cannot be opened", error instanceof api.Problem ? error.message : "Something went wrong. Please load the page again.", "");
});
