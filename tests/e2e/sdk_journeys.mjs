// Purchases through the official SDK, in a page on the server's own origin. Prints one JSON object: journey -> what came of it,
// and what was said with the API.
//   node sdk_journeys.mjs URL CHROMIUM
import { exchanges, withChromium, withContext } from "./browser.mjs";

const [url, executablePath] = process.argv.slice(2);

// ------------------------------------------------------------------------------------------------ run inside of the page

/** What all journeys use. It is sent to the page as text. */
function tools() {
  const address = (parts) => ({
    firstName: "Jane", lastName: "Doe", company: "", address1: "1 Main Street", address2: "", city: "",
    stateOrProvince: "", stateOrProvinceCode: "", countryCode: "US", postalCode: "", phone: "5125550100", customFields: [],
    ...parts,
  });
  const xsrf = () => decodeURIComponent(/XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? "");
  window.shop = {
    AUSTIN: address({ city: "Austin", stateOrProvince: "Texas", stateOrProvinceCode: "TX", postalCode: "78701" }),
    DALLAS: address({ city: "Dallas", stateOrProvince: "Texas", stateOrProvinceCode: "TX", postalCode: "75202" }),
    NEW_YORK: address({ city: "New York", stateOrProvince: "New York", stateOrProvinceCode: "NY", postalCode: "10001" }),
    CART: { productId: 184, variantId: 364 },
    SPOONS: { productId: 170, variantId: 341 },
    JOURNAL: { productId: 189, variantId: 360 },
    TOWEL: { productId: 158, variantId: 376 },
    async fill(...lines) {
      await (await fetch("/api/storefront/carts")).json();
      const headers = { "Content-Type": "application/json", "X-XSRF-TOKEN": xsrf() };
      const body = JSON.stringify({ lineItems: lines });
      return (await (await fetch("/api/storefront/carts", { method: "POST", headers, body })).json()).id;
    },
    service: () => window.createCheckoutService(),
    items: (state) => state.data.getCart().lineItems.physicalItems,
    units: (item, quantity = item.quantity) => ({ itemId: item.id, quantity }),
    of: (state, productId) => window.shop.items(state).find((item) => item.productId === productId),
    at: (state, city) => state.data.getConsignments().find((each) => each.shippingAddress.city === city),
    async choose(service, consignment, description) {
      const option = consignment.availableShippingOptions.find((each) => each.description === description);
      return service.selectConsignmentShippingOption(consignment.id, option.id);
    },
    async order(service, methodId = "cod") {
      const { id } = service.getState().data.getCheckout();
      await service.loadPaymentMethods();
      await service.initializePayment({ methodId });
      const state = await service.submitOrder({ payment: { methodId } });
      const order = state.data.getOrder();
      return { checkoutId: id, orderId: order.orderId, order };
    },
    async failure(promise) {
      try {
        await promise;
        return "nothing failed";
      } catch (error) {
        return { type: error.type, status: error.status, message: error.message };
      }
    },
  };
}

const JOURNEYS = {
  "guest, single address": async () => {
    const { shop } = window;
    const id = await shop.fill({ ...shop.CART, quantity: 2 });
    const service = shop.service();
    let state = await service.loadCheckout(id);
    await service.continueAsGuest({ email: "jane@example.com", acceptsMarketingNewsletter: true });
    await service.loadShippingCountries();
    await service.loadBillingCountries();
    state = await service.updateShippingAddress(shop.NEW_YORK);
    const recommended = state.data.getShippingOptions().filter((option) => option.isRecommended).length;
    state = await shop.choose(service, state.data.getConsignments()[0], "Flat Rate");
    await service.updateBillingAddress(shop.NEW_YORK);
    await service.updateCheckout({ customerMessage: "Please ring twice." });
    const fields = state.data.getShippingAddressFields("US").map((field) => field.name);
    return { ...(await shop.order(service)), recommended, fields };
  },

  "three addresses": async () => {
    const { shop } = window;
    const id = await shop.fill({ ...shop.CART, quantity: 4 }, { ...shop.SPOONS, quantity: 2 });
    const service = shop.service();
    let state = await service.loadCheckout(id);
    await service.continueAsGuest({ email: "jane@example.com" });
    const cart = shop.of(state, 184);
    const spoons = shop.of(state, 170);
    state = await service.createConsignments([
      { address: shop.AUSTIN, lineItems: [shop.units(cart, 1)] },
      { address: shop.NEW_YORK, lineItems: [shop.units(cart, 2), shop.units(spoons, 1)] },
      { address: shop.DALLAS, lineItems: [shop.units(cart, 1), shop.units(spoons, 1)] },
    ]);
    const quantities = shop.items(state).map((item) => [item.productId, item.quantity]);
    state = await shop.choose(service, shop.at(state, "Austin"), "Flat Rate");
    state = await shop.choose(service, shop.at(state, "New York"), "Per Item");
    state = await shop.choose(service, shop.at(state, "Dallas"), "Ship by Weight");
    const three = state.data.getConsignments().map((each) => [each.shippingAddress.city, each.selectedShippingOption.cost]);

    // Dallas gives its spoons to New York, and is then deleted; its laundry cart goes to Austin.
    const inDallas = new Set(shop.at(state, "Dallas").lineItemIds);
    const moved = shop.items(state).find((item) => item.productId === 170 && inDallas.has(item.id));
    state = await service.assignItemsToAddress({ address: shop.NEW_YORK, lineItems: [shop.units(moved)] });
    state = await service.deleteConsignment(shop.at(state, "Dallas").id);
    const held = new Set(state.data.getConsignments().flatMap((each) => each.lineItemIds));
    const left = shop.items(state).filter((item) => !held.has(item.id));
    const unassigned = left.map((item) => [item.productId, item.quantity]);
    state = await service.assignItemsToAddress({ address: shop.AUSTIN, lineItems: left.map((item) => shop.units(item)) });
    const kept = shop.at(state, "New York").selectedShippingOption;
    state = await shop.choose(service, shop.at(state, "Austin"), "Flat Rate");
    state = await shop.choose(service, shop.at(state, "New York"), "Per Item");
    await service.updateBillingAddress(shop.AUSTIN);
    return { ...(await shop.order(service)), quantities, three, unassigned, kept: kept?.description ?? null };
  },

  "pick-up and shipping": async () => {
    const { shop } = window;
    const id = await shop.fill({ ...shop.CART, quantity: 1 }, { ...shop.SPOONS, quantity: 1 }, { ...shop.JOURNAL, quantity: 1 });
    const service = shop.service();
    let state = await service.loadCheckout(id);
    await service.continueAsGuest({ email: "jane@example.com" });
    state = await service.createConsignments([
      { address: shop.NEW_YORK, lineItems: [shop.units(shop.of(state, 184))] },
      { address: shop.AUSTIN, lineItems: [shop.units(shop.of(state, 170))] },
    ]);
    const pickUp = shop.at(state, "Austin");
    const searchArea = { radius: { value: 50, unit: "MI" }, coordinates: { latitude: 30.27, longitude: -97.74 } };
    state = await service.loadPickupOptions({ consignmentId: pickUp.id, searchArea });
    const places = state.data.getPickupOptions(pickUp.id, searchArea);
    const method = places[0].options[0].pickupMethod;
    state = await service.updateConsignment({ id: pickUp.id, pickupOption: { pickupMethodId: method.id } });
    state = await shop.choose(service, shop.at(state, "New York"), "Flat Rate");
    await service.updateBillingAddress(shop.NEW_YORK);
    return { ...(await shop.order(service, "instore")), place: method.displayName };
  },

  "coupon and certificate": async () => {
    const { shop } = window;
    const id = await shop.fill({ ...shop.SPOONS, quantity: 2 });
    const service = shop.service();
    await service.loadCheckout(id);
    await service.continueAsGuest({ email: "jane@example.com" });
    const unknown = await shop.failure(service.applyGiftCertificate("S2549JM0Y"));
    await service.applyCoupon("S2549JM0Y");
    let state = await service.updateShippingAddress(shop.AUSTIN);
    state = await shop.choose(service, state.data.getConsignments()[0], "Flat Rate");
    await service.applyGiftCertificate("1234ABC");
    await service.removeGiftCertificate("1234ABC");
    state = await service.applyGiftCertificate("5678DEF");
    await service.updateBillingAddress(shop.AUSTIN);
    const due = service.getState().data.getCheckout().outstandingBalance;
    return { ...(await shop.order(service, "bankdeposit")), unknown, due };
  },

  "signed in": async () => {
    const { shop } = window;
    const id = await shop.fill({ ...shop.TOWEL, quantity: 3 });
    const service = shop.service();
    await service.loadCheckout(id);
    const wrong = await shop.failure(service.signInCustomer({ email: "janedoe@example.com", password: "Passw0rd2" }));
    const jane = { email: "janedoe@example.com", password: "Passw0rd1" };
    let state = await service.signInCustomer(jane);
    state = await service.signOutCustomer();
    const guest = state.data.getCustomer();
    const signedOut = [guest.isGuest, guest.email, guest.addresses.length, shop.items(state).length];
    await service.signInCustomer(jane);
    state = await service.createCustomerAddress({ ...shop.NEW_YORK, address1: "9 Broadway" });
    const customer = state.data.getCustomer();
    const book = customer.addresses.map((each) => each.address1);
    const [austin, dallas] = customer.addresses;
    const towels = shop.of(state, 158);
    state = await service.assignItemsToAddress({ address: austin, lineItems: [shop.units(towels, 2)] });
    const rest = shop.items(state).find((item) => !shop.at(state, "Austin").lineItemIds.includes(item.id));
    state = await service.assignItemsToAddress({ address: dallas, lineItems: [shop.units(rest)] });
    await service.applyCoupon("SHOP20");
    state = await service.applyGiftCertificate("1234ABC");
    state = await shop.choose(service, shop.at(state, "Austin"), "Flat Rate");
    state = await shop.choose(service, shop.at(state, "Dallas"), "Flat Rate");
    await service.updateBillingAddress(austin);
    await service.applyStoreCredit(true);
    state = await service.loadCheckout(id);
    const due = state.data.getCheckout().outstandingBalance;
    return { ...(await shop.order(service)), wrong, signedOut, due, book, name: customer.fullName, credit: customer.storeCredit };
  },
};

// ------------------------------------------------------------------------------------------------ run out here

async function open(context) {
  const page = await context.newPage();
  await page.goto(`${url}/checkout`);
  await page.waitForSelector("html[data-ready]");
  await page.evaluate(tools);
  return page;
}

/** One shopper, two tabs: what one changes the other has not seen. */
async function twoTabs(context) {
  const first = await open(context);
  const second = await open(context);
  const id = await first.evaluate(async () => {
    const { shop } = window;
    const id = await shop.fill({ ...shop.SPOONS, quantity: 2 });
    window.service = shop.service();
    await window.service.loadCheckout(id);
    await window.service.continueAsGuest({ email: "jane@example.com" });
    const state = await window.service.updateShippingAddress(shop.AUSTIN);
    await shop.choose(window.service, state.data.getConsignments()[0], "Flat Rate");
    await window.service.updateBillingAddress(shop.AUSTIN);
    await window.service.loadPaymentMethods();
    return id;
  });
  await second.evaluate(async (id) => {
    window.service = window.shop.service();
    await window.service.loadCheckout(id);
    await window.service.applyCoupon("SHOP20");
  }, id);
  return first.evaluate(async () => {
    const { service, shop } = window;
    const { version } = service.getState().data.getCheckout();
    const stale = await shop.failure(service.updateCheckout({ customerMessage: "from an old tab", version }));
    await service.initializePayment({ methodId: "cod" });
    const changed = await shop.failure(service.submitOrder({ payment: { methodId: "cod" } }));
    let state = await service.loadCheckout(service.getState().data.getCheckout().id);
    state = await service.loadShippingOptions();
    const message = state.data.getCheckout().customerMessage;
    const consignment = state.data.getConsignments()[0];
    const chosen = consignment.selectedShippingOption?.description ?? null;
    if (!chosen) await shop.choose(service, consignment, "Flat Rate");
    return { ...(await shop.order(service)), stale, changed, chosen, message };
  });
}

const came = {};
await withChromium(executablePath, async (browser) => {
  for (const [name, journey] of [...Object.entries(JOURNEYS), ["two tabs", twoTabs]]) {
    came[name] = await withContext(browser, {}, async (context, slips) => {
      const result = journey === twoTabs ? await twoTabs(context) : await (await open(context)).evaluate(journey);
      return { ...result, slips };
    });
  }
});
process.stdout.write(JSON.stringify({ came, exchanges }));
