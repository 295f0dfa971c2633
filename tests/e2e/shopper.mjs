// What a shopper has at hand and does on the checkout page: addresses, goods, filling in forms, pressing buttons, reading.
// The server is the one the script that runs was told of.

const url = process.argv[2];

const JANE = { firstName: "Jane", lastName: "Doe", phone: "5125550100" };
export const AUSTIN = { ...JANE, address1: "1 Main Street", city: "Austin", stateOrProvince: "TX", postalCode: "78701" };
export const DALLAS = { ...JANE, address1: "2 Elm Street", city: "Dallas", stateOrProvince: "TX", postalCode: "75202" };
export const NEW_YORK = { ...JANE, address1: "3 Broadway", city: "New York", stateOrProvince: "NY", postalCode: "10001" };
export const CART = { product_id: 184, variant_id: 364 };
export const SPOONS = { product_id: 170, variant_id: 341 };
export const JOURNAL = { product_id: 189, variant_id: 360 };

// ---------------------------------------------------------------------------------------------------- hands and eyes

/** A cart the shop's own systems made, opened by its link, which is the answer. */
export async function arrive(page, ...lines) {
  const link = await linkTo({ line_items: lines });
  await page.goto(link);
  await page.waitForSelector("#email");
  return link;
}

export async function linkTo(cart) {
  return (await manage("/v3/carts?include=redirect_urls", cart)).data.redirect_urls.checkout_url;
}

export async function manage(path, body, method = "POST") {
  const headers = { "X-Auth-Token": "demo-token", "Content-Type": "application/json" };
  const answer = await fetch(`${url}/stores/demo${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

export const unique = () => Math.random().toString(36).slice(2, 8);

/** The code of a new gift certificate of 4.00. */
export async function certificate() {
  const code = `FOUR-${unique().toUpperCase()}`;
  await manage("/v2/gift_certificates", { code, amount: "4.00", to_name: "Jane", to_email: "jane@example.com", from_name: "John", from_email: "john@example.com" });
  return code;
}

export const PASSWORD = "Passw0rd1";

/** A new customer with an address in Austin and one in Dallas, and 20.00 of store credit. */
export async function customer() {
  const email = `jane-${unique()}@example.com`;
  const book = [AUSTIN, DALLAS].map(({ address1, city, postalCode, phone }) => ({
    first_name: "Jane", last_name: "Doe", address1, city, state_or_province: "Texas", postal_code: postalCode, country_code: "US", phone,
  }));
  const authentication = { new_password: PASSWORD };
  const { data } = await manage("/v3/customers", [{ email, first_name: "Jane", last_name: "Doe", authentication, addresses: book, store_credit_amounts: [{ amount: 20 }] }]);
  return data[0];
}

export const settled = (page) => page.waitForFunction(() => !document.querySelector("#page[aria-busy]"));

export async function press(page, selector) {
  await page.click(selector);
  await settled(page);
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });

export async function click(page, name) {
  await button(page, name).click();
  await settled(page);
}

export async function contact(page) {
  await page.fill("#email", "jane@example.com");
  await click(page, "Continue to delivery");
}

export async function write(page, form, address) {
  for (const [name, value] of Object.entries(address)) {
    const control = page.locator(`#${form}-${name}`);
    if (name === "stateOrProvince") await control.selectOption(value);
    else await control.fill(value);
  }
}

export async function type(page, form, address) {
  await write(page, form, address);
  await press(page, `#${form}-submit`);
}

/** One of the ways to ship of the place whose card or step says so. */
export async function choose(page, within, name) {
  await within.locator("label.option", { hasText: name }).locator("input").check();
  await settled(page);
}

export const card = (page, text) => page.locator("section.card", { hasText: text });

/** A coupon or a gift certificate. */
export async function enter(page, code) {
  if (!(await page.isVisible("#code"))) await page.click("#summary-toggle");
  await page.fill("#code", code);
  await press(page, "#code-submit");
}

export async function pay(page, name) {
  await page.locator("label.option", { hasText: name }).locator("input").check();
  await press(page, "#place-order");
  await page.waitForSelector("#thanks");
  return Number(await page.textContent("#order-number"));
}

export async function text(page, selector) {
  return (await page.locator(selector).allInnerTexts()).map((each) => each.replace(/\s+/g, " ").trim());
}

/** Name -> amount, as the summary shows it; opened where it is closed. */
export async function totals(page) {
  return Object.fromEntries(
    await page.$$eval(".totals > div", (rows) => rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])),
  );
}
