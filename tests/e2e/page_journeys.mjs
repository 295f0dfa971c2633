// The checkout page, clicked through like a shopper would, wide and narrow, light and dark. axe-core looks at every stage, and
// pictures are left in a folder. Prints one JSON object: journey -> what came of it.
//   node page_journeys.mjs URL CHROMIUM PICTURES [strict]
// With "strict", the journey of a shop that asks for more and allows less than the demo shop does.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exchanges, withChromium, withContext } from "./browser.mjs";
import {
  AUSTIN, CART, DALLAS, JOURNAL, NEW_YORK, PASSWORD, SPOONS, arrive, button, card, certificate, choose,
  click, contact, customer, enter, linkTo, manage, pay, press, settled, text, totals, type, unique, write,
} from "./shopper.mjs";

const [url, executablePath, pictures, kind] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOOKS = {
  wide: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  narrow: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

// ---------------------------------------------------------------------------------------------------- journeys

const JOURNEYS = {
  async "one address"(page, look) {
    await arrive(page, { ...CART, quantity: 2 });
    await look("contact");
    await page.fill("#email", "jane");
    await page.click("#contact-submit");
    const complaint = await page.textContent("#email-error");
    await contact(page);
    await page.click("#shipping-submit");
    const missing = await text(page, "#shipping .error:not(:empty)");
    await look("address-errors");
    await type(page, "shipping", { ...NEW_YORK, company: "Rindfleischetikettierungsueberwachungsgesellschaft".repeat(2), postalCode: "ZZZZZ" });
    const edit = await page.evaluate(() => Math.round(document.querySelector("[id^=edit-]").getBoundingClientRect().height));
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await look("delivery");
    await click(page, "Continue to payment");
    await page.fill("#message", "Please ring twice.");
    await look("payment");
    await page.locator("label.option", { hasText: "Cash on Delivery" }).locator("input").check();
    await press(page, "#place-order");
    const led = [await page.textContent("#problem"), ...(await text(page, "#shipping .error:not(:empty)")), await page.evaluate(() => document.activeElement.id)];
    await type(page, "shipping", { postalCode: "10001" });
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await click(page, "Continue to payment");
    const shown = await totals(page);
    const orderId = await pay(page, "Cash on Delivery");
    await look("confirmation");
    await page.reload();
    await page.waitForSelector("#thanks");
    return { orderId, shown, complaint, missing, edit, led };
  },

  async "several addresses"(page, look) {
    await arrive(page, { ...CART, quantity: 4 }, { ...SPOONS, quantity: 2 });
    await contact(page);
    await page.locator("label", { hasText: "Several places" }).click();
    await look("several-empty");
    await click(page, "Add an address");
    for (let times = 0; times < 3; times++) await page.click("#new-0-less");
    for (let times = 0; times < 2; times++) await page.click("#new-1-less");
    await type(page, "new", AUSTIN);
    await click(page, "Add an address");
    await page.click("#new-0-less");
    await page.click("#new-1-less");
    await look("several-adding");
    await type(page, "new", NEW_YORK);
    await click(page, "Add an address");
    await type(page, "new", DALLAS);
    await choose(page, card(page, "Austin"), "Flat Rate");
    await choose(page, card(page, "Dallas"), "Ship by Weight");
    const three = await text(page, "section.card h3");
    await look("several");

    // Dallas gives up its spoons, New York takes them; then Dallas is removed and Austin takes its laundry cart.
    await card(page, "Dallas").getByRole("button", { name: "One Ceramic Measuring Spoons less" }).click();
    await settled(page);
    await card(page, "New York").getByRole("button", { name: "One more Ceramic Measuring Spoons" }).click();
    await settled(page);
    await card(page, "Dallas").getByRole("button", { name: "Remove 2 Elm Street, Dallas, TX" }).click();
    await settled(page);
    const left = await page.textContent("#left");
    await page.click("#delivery-submit");
    const refused = await page.textContent("#problem");
    await card(page, "Austin").getByRole("button", { name: "One more Canvas Laundry Cart, Red" }).click();
    await settled(page);
    await choose(page, card(page, "Austin"), "Flat Rate");
    await choose(page, card(page, "New York"), "Per Item");
    await click(page, "Continue to payment");
    const shown = await totals(page);
    const orderId = await pay(page, "Cash on Delivery");
    await look("several-confirmation");
    return { orderId, shown, three, left, refused };
  },

  async "pick-up and shipping"(page, look) {
    await page.context().grantPermissions(["geolocation"], { origin: url });
    await page.context().setGeolocation({ latitude: 30.27, longitude: -97.74 });
    await arrive(page, { ...CART, quantity: 1 }, { ...SPOONS, quantity: 1 }, { ...JOURNAL, quantity: 1 });
    await contact(page);
    await page.locator("label", { hasText: "Several places" }).click();
    await click(page, "Add a pick-up");
    await page.waitForSelector(".place");
    const unlocated = await text(page, ".place .strong");
    for (const at of [0, 1]) await page.click(`#new-${at}-less`);
    await page.click("#new-place-cancel");
    const cancelled = await page.evaluate(() => document.activeElement.id);
    await click(page, "Add a pick-up");
    await page.click("#new-0-less");
    await page.click("#new-place-near");
    await page.waitForSelector("text=mi away");
    const places = await text(page, ".place");
    await look("pick-up");
    await click(page, "Choose Pick up in Austin");
    await click(page, "Add an address");
    await type(page, "new", NEW_YORK);
    await choose(page, card(page, "New York"), "Flat Rate");
    await click(page, "Continue to payment");
    const shown = await totals(page);
    const orderId = await pay(page, "Pay in Store");
    await look("pick-up-confirmation");
    return { orderId, shown, places, unlocated, cancelled };
  },

  async "two pick-ups become one parcel"(page) {
    await arrive(page, { ...SPOONS, quantity: 2 });
    await contact(page);
    await page.locator("label", { hasText: "Several places" }).click();
    for (const town of ["Austin", "Dallas"]) {
      await click(page, "Add a pick-up");
      await page.waitForSelector(".place");
      if (town === "Austin") await page.click("#new-0-less");
      await click(page, `Choose Pick up in ${town}`);
    }
    const cards = await text(page, "section.card h3");
    await page.click("#mode-one");
    await type(page, "shipping", AUSTIN);
    await choose(page, page.locator("#step-delivery"), "Per Item");
    await click(page, "Continue to payment");
    return { shown: await totals(page), orderId: await pay(page, "Cash on Delivery"), cards };
  },

  async "coupon and certificate"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 2 });
    await contact(page);
    await type(page, "shipping", AUSTIN);
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await enter(page, "NOPE");
    const unknown = await page.textContent("#code-error");
    const typed = await page.inputValue("#code");
    const tops = await page.$$eval("#code, #code-submit", (both) => both.map((each) => Math.round(each.getBoundingClientRect().top)));
    await look("code-unknown");
    await enter(page, "S2549JM0Y");
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await enter(page, "1234ABC");
    await look("codes");
    await button(page, "Remove 1234ABC").focus();
    await page.keyboard.press("Enter");
    await settled(page);
    const focus = await page.evaluate(() => document.activeElement.id);
    await enter(page, await certificate());
    await click(page, "Continue to payment");
    const shown = await totals(page);
    const orderId = await pay(page, "Bank Deposit");
    await look("codes-confirmation");
    return { orderId, shown, unknown, typed, tops, focus };
  },

  async "signed in"(page, look) {
    const { email } = await customer();
    await arrive(page, { ...SPOONS, quantity: 3 });
    await click(page, "Sign in");
    await page.fill("#email", email);
    await page.fill("#password", "Passw0rd2");
    await press(page, "#contact-submit");
    const wrong = await page.textContent("#problem");
    await look("sign-in");
    await page.fill("#password", PASSWORD);
    await press(page, "#contact-submit");
    await page.waitForSelector("#shipping-book-1");
    const book = await text(page, "#step-delivery label.option");
    await look("address-book");
    await page.locator("label", { hasText: "Several places" }).click();
    await click(page, "Add an address");
    await page.click("#new-0-less");
    await press(page, "#new-use");
    await click(page, "Add an address");
    await page.locator("label.option", { hasText: "Another address" }).click();
    await look("address-book-adding");
    await type(page, "new", NEW_YORK);
    await choose(page, card(page, "Austin"), "Flat Rate");
    await choose(page, card(page, "New York"), "Flat Rate");
    await enter(page, "SHOP20");
    await enter(page, await certificate());
    await choose(page, card(page, "Austin"), "Flat Rate");
    await choose(page, card(page, "New York"), "Flat Rate");
    await click(page, "Continue to payment");
    await page.click("#store-credit");
    await settled(page);
    const shown = await totals(page);
    await look("store-credit");
    const orderId = await pay(page, "Cash on Delivery");
    const offered = await page.locator("#account").count();
    return { orderId, shown, wrong, book, offered };
  },

  async "a new account, nothing to ship"(page, look) {
    const email = `new-${unique()}@example.com`;
    await arrive(page, { ...JOURNAL, quantity: 1 });
    await click(page, "Create an account");
    await page.fill("#first-name", "Jane");
    await page.fill("#last-name", "Doe");
    await page.fill("#email", email);
    await page.fill("#password", "short");
    await page.click("#contact-submit");
    const tooShort = await page.textContent("#password-error");
    await look("register");
    await page.fill("#email", "janedoe@example.com");
    await page.fill("#password", PASSWORD);
    await press(page, "#contact-submit");
    const taken = [await page.textContent("#problem"), await page.inputValue("#first-name"), await page.inputValue("#password")];
    await page.fill("#email", email);
    await press(page, "#contact-submit");
    await page.click("#change-contact");
    const name = await page.textContent("#signed-in");
    await look("signed-in");
    await click(page, "Sign out");
    await page.waitForSelector("#to-sign-in");
    await click(page, "Sign in");
    await page.fill("#email", email);
    await page.fill("#password", PASSWORD);
    await press(page, "#contact-submit");
    await write(page, "billing", AUSTIN);
    await page.locator("label.option", { hasText: "Bank Deposit" }).locator("input").check();
    await press(page, "#place-order");
    const dearer = await page.textContent("#problem");
    const shown = await totals(page);
    return { orderId: await pay(page, "Bank Deposit"), shown, name, tooShort, taken, dearer };
  },

  async "another billing address, by keyboard"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 1 });
    await page.focus("#email");
    await page.keyboard.type(`jane-${unique()}@example.com`);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#mode-one");
    const heading = await page.evaluate(() => document.activeElement.textContent);
    await page.focus("#mode-one");
    await page.keyboard.press("ArrowRight"); // Pick up
    await page.waitForSelector("#place-1");
    await page.focus("#mode-pickup");
    await page.keyboard.press("ArrowLeft"); // Ship to one address
    await page.focus("#shipping-countryCode");
    await page.keyboard.type("Austria");
    const country = await page.inputValue("#shipping-countryCode");
    await page.selectOption("#shipping-countryCode", "US");
    await page.selectOption("#shipping-stateOrProvince", "PA"); // Pennsylvania; Pará in Brazil
    await page.selectOption("#shipping-countryCode", "BR");
    const unchosen = await page.inputValue("#shipping-stateOrProvince");
    await page.selectOption("#shipping-countryCode", "US");
    await write(page, "shipping", DALLAS);
    await page.focus("#shipping-postalCode");
    await page.keyboard.press("Enter");
    await settled(page);
    const offered = await page.evaluate(() => document.activeElement.name.replace(/-.*/, ""));
    await page.focus("#mode-one");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector(".place");
    const places = await text(page, ".place .strong"); // Dallas is where the address is
    await page.focus("#place-1");
    await page.keyboard.press("Enter");
    await settled(page);
    await page.focus("#delivery-submit");
    await page.keyboard.press("Enter");
    await settled(page);
    await look("billing");
    await write(page, "billing", AUSTIN); // and not saved: the order takes it
    await page.focus("#method-bankdeposit");
    await page.keyboard.press("ArrowDown");
    await page.focus("#place-order");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#thanks");
    const focus = await page.evaluate(() => document.activeElement.id);
    await page.focus("#password");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    const account = await page.textContent("#account [role=status]");
    return { orderId: Number(await page.textContent("#order-number")), heading, country, unchosen, focus, account, offered, places };
  },

  async "several addresses, by keyboard"(page) {
    const focused = () => page.evaluate(() => document.activeElement.id.replace(/-[0-9a-f]{8,}-/, "-ID-"));
    const enter = async () => {
      await page.keyboard.press("Enter");
      await settled(page);
      return focused();
    };
    await arrive(page, { ...SPOONS, quantity: 3 });
    await contact(page);
    await page.focus("#mode-one");
    await page.keyboard.press("ArrowLeft"); // round to the last: several places
    await page.focus("#add-address");
    const added = await enter();
    await page.focus("#new-0-less");
    const fewer = [await enter(), await enter(), await enter()];
    await page.keyboard.press("Enter");
    await write(page, "new", AUSTIN);
    await page.focus("#new-submit");
    const sent = await enter();
    await page.focus("[id^=units-][id$=-more]");
    const more = [await enter(), await enter()];
    await page.focus("[id^=edit-]");
    const editing = await enter();
    await write(page, "address-0", DALLAS);
    await page.focus("#address-0-submit");
    const saved = await enter();
    await page.focus("[id^=remove-]");
    return { added, fewer, sent, more, editing, saved, removed: await enter() };
  },

  async "two tabs"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 2 });
    await contact(page);
    await type(page, "shipping", AUSTIN);
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await click(page, "Continue to payment");
    const other = await page.context().newPage();
    await other.goto(`${url}/checkout`);
    await other.waitForSelector("#place-order");
    await enter(other, "SHOP20");
    await other.close();
    await page.locator("label.option", { hasText: "Cash on Delivery" }).locator("input").check();
    await press(page, "#place-order");
    const told = await page.textContent("#problem");
    const shown = await totals(page);
    await look("two-tabs");
    return { orderId: await pay(page, "Cash on Delivery"), shown, told };
  },

  async "goods run out"(page, look) {
    const name = `Night Light ${unique()}`;
    const { data } = await manage("/v3/catalog/products", { name, type: "physical", weight: 1, price: 12, inventory_tracking: "product", inventory_level: 2 });
    await arrive(page, { product_id: data.id, quantity: 2 }, { ...SPOONS, quantity: 1 });
    await contact(page);
    await write(page, "shipping", NEW_YORK);
    if (!(await page.isVisible("#change-lines"))) await page.click("#summary-toggle");
    await click(page, "Change quantities");
    await click(page, "One more Ceramic Measuring Spoons in the order");
    const typed = [await page.inputValue("#shipping-city"), await page.inputValue("#shipping-stateOrProvince")];
    await press(page, "#shipping-submit");
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await click(page, "Continue to payment");
    await click(page, `One more ${name} in the order`);
    const most = await page.textContent("#line-error");
    await look("lines");
    await click(page, "Done");
    await manage(`/v3/catalog/products/${data.id}`, { inventory_level: 1 }, "PUT");
    await page.locator("label.option", { hasText: "Cash on Delivery" }).locator("input").check();
    await press(page, "#place-order");
    const told = await page.textContent("#problem");
    await look("goods-ran-out");
    await button(page, `One ${name} less in the order`).focus();
    await page.keyboard.press("Enter");
    await settled(page);
    const focus = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    await click(page, "Remove Ceramic Measuring Spoons from the order");
    const shown = await totals(page);
    return { orderId: await pay(page, "Cash on Delivery"), shown, typed, most: most.replace(name, "NAME"), told: told.replace(name, "NAME"), focus: focus.replace(name, "NAME") };
  },

  async "a cart that is gone"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 1 });
    await contact(page);
    await write(page, "shipping", AUSTIN);
    await page.evaluate(async () => {
      const { call } = await import("/checkout/api.js");
      const { context } = await call("GET", "/api/storefront/checkout-settings");
      await call("DELETE", `/api/storefront/carts/${context.checkoutId}`);
    });
    await page.click("#shipping-submit");
    await page.waitForSelector("#gone");
    const isInert = await page.evaluate(() => document.getElementById("steps").inert);
    await look("gone");
    const other = await page.context().newPage();
    await arrive(other, { ...CART, quantity: 1 });
    await other.close();
    await page.click("#reopen");
    await page.waitForSelector("#contact-submit");
    await settled(page);
    const email = await page.inputValue("#email");
    await click(page, "Continue to delivery");
    const typed = [await page.inputValue("#shipping-address1"), await page.inputValue("#shipping-stateOrProvince")];
    await page.context().clearCookies();
    await page.click("#shipping-submit");
    await page.click("#reopen");
    await page.waitForSelector("text=Your cart is empty");
    return { isInert, email, typed };
  },

  async "a slow connection, and none"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 1 });
    await contact(page);
    let goOn = () => {};
    const waiting = new Promise((resolve) => (goOn = resolve));
    await page.route("**/consignments*", async (route) => {
      await waiting;
      await route.abort();
    });
    await write(page, "shipping", NEW_YORK);
    await page.click("#shipping-submit");
    const progress = await page.textContent("#progress");
    await look("waiting");
    goOn();
    await settled(page);
    const told = await page.textContent("#problem");
    const typed = await page.inputValue("#shipping-address1");
    await page.unroute("**/consignments*");
    await press(page, "#shipping-submit");
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await click(page, "Continue to payment");
    return { orderId: await pay(page, "Cash on Delivery"), progress, told, typed };
  },

  async "the answer to an order is lost"(page) {
    const ordered = async (again) => {
      await arrive(page, { ...SPOONS, quantity: 1 });
      await contact(page);
      await type(page, "shipping", NEW_YORK);
      await choose(page, page.locator("#step-delivery"), "Flat Rate");
      await click(page, "Continue to payment");
      await page.route("**/checkout/order", async (route) => {
        await route.fetch();
        await route.abort();
      });
      await page.locator("label.option", { hasText: "Cash on Delivery" }).locator("input").check();
      await press(page, "#place-order");
      const told = await page.textContent("#problem");
      await page.unroute("**/checkout/order");
      await again();
      await page.waitForSelector("#thanks");
      return [told, Number(await page.textContent("#order-number"))];
    };
    const [told, pressed] = await ordered(() => page.click("#place-order"));
    const [, orderId] = await ordered(() => page.reload());
    return { orderId, pressed, told };
  },

  async "links that do not open at once"(page, look) {
    const { id, email } = await customer();
    await page.goto(await linkTo({ customer_id: id, line_items: [{ ...SPOONS, quantity: 1 }] }));
    await page.waitForSelector("#sign-in-first");
    await look("sign-in-first");
    await page.fill("#email", email);
    await page.fill("#password", "Passw0rd2");
    await page.click("#contact-submit");
    await page.waitForSelector("#problem:not(:empty)");
    await page.fill("#password", PASSWORD);
    await page.click("#contact-submit");
    await page.waitForSelector("#shipping-book-0");
    const opened = await page.locator(".line-name").allTextContents();
    await click(page, "Change contact");
    await click(page, "Sign out");
    const link = await arrive(page, { ...CART, quantity: 1 });
    await page.goto(link);
    await page.waitForSelector("#problem:not(:empty)");
    const told = await page.textContent("#problem");
    await page.context().clearCookies();
    await page.goto(link);
    await page.waitForSelector("text=This link opens no cart");
    await look("link-used");
    for (const line of [{ ...SPOONS, quantity: 3 }, { ...CART, quantity: 1 }]) {
      await page.context().clearCookies(); // as in another browser
      await arrive(page, line);
      await click(page, "Sign in");
      await page.fill("#email", email);
      await page.fill("#password", PASSWORD);
      await press(page, "#contact-submit");
    }
    const came = await page.textContent("#note");
    await look("earlier-cart");
    return { opened, told, came, path: new URL(page.url()).pathname + new URL(page.url()).search };
  },

  async "an empty cart"(page, look) {
    await page.goto(`${url}/checkout`);
    await page.waitForSelector("text=Your cart is empty");
    await look("empty");
    const heading = await page.textContent("h1");
    await page.goto(`${url}/checkout/order-confirmation/1`);
    await page.waitForSelector("h1:not(.hidden)");
    return { heading, others: [await page.textContent("h1"), await page.textContent("#shop"), await page.locator("#steps a").count()] };
  },
};

/** Another page of the same shopper, which knows nothing of the shop's own fields, takes the day away from the shipping address. */
function withoutDay(page) {
  return page.evaluate(async () => {
    const { call, read } = await import("/checkout/api.js");
    const { context } = await call("GET", "/api/storefront/checkout-settings");
    const { id, consignments } = await read(context.checkoutId);
    const [{ id: consignmentId, address }] = consignments;
    const customFields = address.customFields.filter((each) => each.fieldId !== "field_25");
    await call("PUT", `/api/storefront/checkouts/${id}/consignments/${consignmentId}`, { address: { ...address, customFields } });
  });
}

const STRICT = {
  async "a strict shop"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 2 });
    const guest = await page.locator("#to-guest").count();
    const struck = await page.locator(".lines del").count();
    await click(page, "Create an account");
    await page.fill("#first-name", "Jane");
    await page.fill("#last-name", "Doe");
    await page.fill("#email", `new-${unique()}@example.com`);
    await page.fill("#password", PASSWORD);
    await page.click("#contact-submit");
    const complaint = await text(page, "#register-form .error:not(:empty)");
    await look("strict-register");
    await page.getByLabel("A magazine").check();
    await page.check("#privacy");
    await press(page, "#contact-submit");
    const modes = await text(page, ".segments label");
    await write(page, "shipping", { ...AUSTIN, phone: "" });
    await page.click("#shipping-submit");
    const missing = await text(page, "#shipping .error:not(:empty)");
    await page.fill("#shipping-phone", "5125550100");
    await page.getByLabel("Deliver on").fill("2026-11-30");
    await page.getByLabel("Steps up").fill("77");
    await page.getByLabel("Where to put it").selectOption("Garage");
    await page.click("#shipping-submit");
    const wrong = await text(page, "#shipping .error:not(:empty)");
    await page.getByLabel("Deliver on").fill("2026-12-24");
    await page.getByLabel("Steps up").fill("7");
    await page.getByLabel("Ring the bell").check();
    const left = await text(page, "#shipping .error:not(:empty)");
    await page.selectOption("#shipping-countryCode", "CA");
    await page.selectOption("#shipping-countryCode", "US");
    await page.selectOption("#shipping-stateOrProvince", "TX");
    await look("strict-address");
    await press(page, "#shipping-submit");
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await click(page, "Continue to payment");
    const shown = await totals(page);
    await press(page, "#place-order");
    const refused = await page.textContent("#problem");
    await look("strict-payment");
    await page.check("#terms");
    await withoutDay(page);
    await press(page, "#place-order"); // shows what was changed elsewhere
    await press(page, "#place-order");
    const led = [await page.textContent("#problem"), ...(await text(page, "#shipping .error:not(:empty)")), await page.evaluate(() => document.activeElement.id)];
    await look("strict-mended");
    await page.getByLabel("Deliver on").fill("2026-12-24");
    await press(page, "#shipping-submit");
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await click(page, "Continue to payment");
    await press(page, "#place-order");
    await page.waitForSelector("#thanks");
    return { orderId: Number(await page.textContent("#order-number")), wrong, led, guest, struck, complaint, modes, missing, left, shown, refused };
  },
};

// ---------------------------------------------------------------------------------------------------- looking

const named = (violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`;

/** Serious problems that axe-core finds, contrast in the other colours too, and whatever stands out to the side. */
async function problems(page, isDark) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const serious = violations.filter((each) => ["serious", "critical"].includes(each.impact));
  const found = serious.map(named);
  await page.emulateMedia({ colorScheme: isDark ? "light" : "dark" });
  const other = await page.evaluate(() => window.axe.run({ runOnly: ["color-contrast"], resultTypes: ["violations"] }));
  await page.emulateMedia({ colorScheme: isDark ? "dark" : "light" });
  found.push(...other.violations.map((each) => `in ${isDark ? "light" : "dark"}, ${named(each)}`));
  const tooWide = (await page.evaluate(() => document.documentElement.scrollWidth)) - page.viewportSize().width;
  return tooWide > 0 ? [...found, `${tooWide} pixels too wide`] : found;
}

const only = process.env.JOURNEY;
const came = {};

/** All journeys one after the other, in one look. */
async function walk(browser, width, options) {
  for (const [name, journey] of Object.entries(kind === "strict" ? STRICT : JOURNEYS)) {
    if (only && only !== name) continue;
    came[`${name}, ${width}`] = await withContext(browser, options, async (context, slips) => {
      const page = await context.newPage();
      const found = [];
      const look = async (stage) => {
        for (const each of await problems(page, options.colorScheme === "dark")) found.push(`${stage}: ${each}`);
        await page.evaluate(() => window.scrollTo(0, 0));
        await page.screenshot({ path: join(pictures, `${stage}-${width}.png`), fullPage: true });
      };
      try {
        return { ...(await journey(page, look)), problems: found, slips };
      } catch (error) {
        await page.screenshot({ path: join(pictures, `failed-${width}.png`), fullPage: true }).catch(() => {});
        throw new Error(`${name}, ${width}: ${error.message}\n${slips.join("\n")}`);
      }
    });
  }
}

await withChromium(executablePath, (browser) => Promise.all(Object.entries(LOOKS).map(([width, options]) => walk(browser, width, options))));
process.stdout.write(JSON.stringify({ came, exchanges }));
