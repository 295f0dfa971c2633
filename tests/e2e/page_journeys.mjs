// The checkout page, clicked through like a shopper would, wide and narrow, light and dark. axe-core looks at every stage, and
// pictures are left in a folder. Prints one JSON object: journey -> what came of it.
//   node page_journeys.mjs URL CHROMIUM PICTURES
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exchanges, withChromium, withContext } from "./browser.mjs";

const [url, executablePath, pictures] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOOKS = {
  wide: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  narrow: { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

const JANE = { firstName: "Jane", lastName: "Doe", phone: "5125550100" };
const AUSTIN = { ...JANE, address1: "1 Main Street", city: "Austin", stateOrProvince: "TX", postalCode: "78701" };
const DALLAS = { ...JANE, address1: "2 Elm Street", city: "Dallas", stateOrProvince: "TX", postalCode: "75202" };
const NEW_YORK = { ...JANE, address1: "3 Broadway", city: "New York", stateOrProvince: "NY", postalCode: "10001" };
const CART = { product_id: 184, variant_id: 364 };
const SPOONS = { product_id: 170, variant_id: 341 };
const JOURNAL = { product_id: 189, variant_id: 360 };

// ---------------------------------------------------------------------------------------------------- a shopper's hands and eyes

/** A cart the shop's own systems made, opened by its link. */
async function arrive(page, ...lines) {
  const answer = await fetch(`${url}/stores/demo/v3/carts?include=redirect_urls`, {
    method: "POST",
    headers: { "X-Auth-Token": "demo-token", "Content-Type": "application/json" },
    body: JSON.stringify({ line_items: lines }),
  });
  const { data } = await answer.json();
  await page.goto(data.redirect_urls.checkout_url);
  await page.waitForSelector("#email");
  return data.id;
}

/** The code of a new gift certificate of 4.00. */
async function certificate() {
  const code = `FOUR-${Math.random().toString(36).slice(2, 8).toUpperCase()}`;
  const body = { code, amount: "4.00", to_name: "Jane", to_email: "jane@example.com", from_name: "John", from_email: "john@example.com" };
  const headers = { "X-Auth-Token": "demo-token", "Content-Type": "application/json" };
  const answer = await fetch(`${url}/stores/demo/v2/gift_certificates`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return code;
}

const settled = (page) => page.waitForFunction(() => !document.querySelector("#page[aria-busy]"));

async function press(page, selector) {
  await page.click(selector);
  await settled(page);
}

const button = (page, name) => page.getByRole("button", { name, exact: true });

async function click(page, name) {
  await button(page, name).click();
  await settled(page);
}

async function contact(page) {
  await page.fill("#email", "jane@example.com");
  await click(page, "Continue to delivery");
}

async function type(page, form, address) {
  for (const [name, value] of Object.entries(address)) {
    const control = page.locator(`#${form}-${name}`);
    if (name === "stateOrProvince") await control.selectOption(value);
    else await control.fill(value);
  }
  await press(page, `#${form}-submit`);
}

/** One of the ways to ship of the place whose card or step says so. */
async function choose(page, within, name) {
  await within.locator("label.option", { hasText: name }).locator("input").check();
  await settled(page);
}

const card = (page, text) => page.locator("section.card", { hasText: text });

async function pay(page, name) {
  await page.locator("label.option", { hasText: name }).locator("input").check();
  await press(page, "#place-order");
  await page.waitForSelector("#thanks");
  return Number(await page.textContent("#order-number"));
}

async function text(page, selector) {
  return (await page.locator(selector).allInnerTexts()).map((each) => each.replace(/\s+/g, " ").trim());
}

/** Name -> amount, as the summary shows it; opened where it is closed. */
async function totals(page) {
  return Object.fromEntries(
    await page.$$eval(".totals > div", (rows) => rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])),
  );
}

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
    await type(page, "shipping", NEW_YORK);
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await look("delivery");
    await click(page, "Continue to payment");
    await page.fill("#message", "Please ring twice.");
    await look("payment");
    const shown = await totals(page);
    const orderId = await pay(page, "Cash on Delivery");
    await look("confirmation");
    await page.reload();
    await page.waitForSelector("#thanks");
    return { orderId, shown, complaint, missing };
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
    return { orderId, shown, places };
  },

  async "coupon and certificate"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 2 });
    await contact(page);
    await type(page, "shipping", AUSTIN);
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    if (!(await page.isVisible("#code"))) await page.click("#summary-toggle");
    const enter = async (code) => {
      await page.fill("#code", code);
      await press(page, "#code-submit");
    };
    await enter("NOPE");
    const unknown = await page.textContent("#code-error");
    await enter("S2549JM0Y");
    await choose(page, page.locator("#step-delivery"), "Flat Rate");
    await enter("1234ABC");
    await look("codes");
    await click(page, "Remove 1234ABC");
    await enter(await certificate());
    await click(page, "Continue to payment");
    const shown = await totals(page);
    const orderId = await pay(page, "Bank Deposit");
    await look("codes-confirmation");
    return { orderId, shown, unknown };
  },

  async "another billing address, by keyboard"(page, look) {
    await arrive(page, { ...SPOONS, quantity: 1 });
    await page.focus("#email");
    await page.keyboard.type("jane@example.com");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#mode-one");
    const heading = await page.evaluate(() => document.activeElement.textContent);
    await page.focus("#mode-one");
    await page.keyboard.press("ArrowRight"); // Pick up
    await page.waitForSelector("#place-1");
    await page.focus("#place-1");
    await page.keyboard.press("Enter");
    await settled(page);
    await page.focus("#delivery-submit");
    await page.keyboard.press("Enter");
    await settled(page);
    await look("billing");
    await type(page, "billing", AUSTIN);
    await page.focus("#method-bankdeposit");
    await page.keyboard.press("ArrowDown");
    await page.focus("#place-order");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#thanks");
    return { orderId: Number(await page.textContent("#order-number")), heading, focus: await page.evaluate(() => document.activeElement.id) };
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
    if (!(await other.isVisible("#code"))) await other.click("#summary-toggle");
    await other.fill("#code", "SHOP20");
    await press(other, "#code-submit");
    await other.close();
    await page.locator("label.option", { hasText: "Cash on Delivery" }).locator("input").check();
    await press(page, "#place-order");
    const told = await page.textContent("#problem");
    const shown = await totals(page);
    await look("two-tabs");
    return { orderId: await pay(page, "Cash on Delivery"), shown, told };
  },

  async "an empty cart"(page, look) {
    await page.goto(`${url}/checkout`);
    await page.waitForSelector("text=Your cart is empty");
    await look("empty");
    return { heading: await page.textContent("h1") };
  },
};

// ---------------------------------------------------------------------------------------------------- looking

/** Serious problems that axe-core finds, and whatever stands out to the side. */
async function problems(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const serious = violations.filter((each) => ["serious", "critical"].includes(each.impact));
  const found = serious.map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return tooWide > 0 ? [...found, `${tooWide} pixels too wide`] : found;
}

const only = process.env.JOURNEY;
const came = {};

/** All journeys one after the other, in one look. */
async function walk(browser, width, options) {
  for (const [name, journey] of Object.entries(JOURNEYS)) {
    if (only && only !== name) continue;
    came[`${name}, ${width}`] = await withContext(browser, options, async (context, slips) => {
      const page = await context.newPage();
      const found = [];
      const look = async (stage) => {
        for (const each of await problems(page)) found.push(`${stage}: ${each}`);
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
