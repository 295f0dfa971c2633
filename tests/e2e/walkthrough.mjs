// The walk-through of the documentation, done step by step; a picture is left of each. Prints the steps and the order's number as JSON.
//   node walkthrough.mjs URL CHROMIUM PICTURES
import { join } from "node:path";
import { withChromium, withContext } from "./browser.mjs";
import { AUSTIN, NEW_YORK, card, click, pay, settled, totals, type } from "./shopper.mjs";

const [url, executablePath, pictures] = process.argv.slice(2);

const lessLaundryCarts = (page) => page.locator("[aria-labelledby=new-heading]").getByRole("button", { name: "One Canvas Laundry Cart, Red less" }).click();

/** `[sentence, what is done, where the picture is taken]`. The sentences are those of docs/walkthrough.md. */
const STEPS = [
  ["Open `http://127.0.0.1:8080/`: two laundry carts and a set of spoons are chosen already.", (page) => page.goto(`${url}/`)],
  ["Press **Go to the checkout**, and enter an email address.", async (page) => {
    await page.click("#buy");
    await page.fill("#email", "jane@example.com");
  }],
  ["Press **Continue to delivery**, choose **Several places**, and **Add a pick-up** for the spoons in Austin: take the laundry carts out of it with **−**, and press **Choose**.", async (page) => {
    await click(page, "Continue to delivery");
    await page.locator("label", { hasText: "Several places" }).click();
    await click(page, "Add a pick-up");
    await lessLaundryCarts(page);
    await lessLaundryCarts(page);
    await page.waitForSelector("#new-place-1");
  }],
  ["Press **Add an address** and send one laundry cart to 1 Main Street, Austin, TX 78701.", async (page) => {
    await click(page, "Choose Pick up in Austin");
    await click(page, "Add an address");
    await lessLaundryCarts(page);
    await type(page, "new", AUSTIN);
  }, "#step-delivery section.card:nth-of-type(2)"],
  ["Once more, for the other one: 3 Broadway, New York, NY 10001. Each place has its own ways to ship; choose **Flat Rate** for both.", async (page) => {
    await click(page, "Add an address");
    await type(page, "new", NEW_YORK);
    for (const city of ["Austin, TX 78701United", "New York"]) {
      await card(page, city).locator("label.option", { hasText: "Flat Rate" }).locator("input").check();
      await settled(page);
    }
  }, "#step-delivery section.card:nth-of-type(3)"],
  ["Enter the coupon `SHOP20`, press **Apply**, and then **Continue to payment**.", async (page) => {
    await page.fill("#code", "SHOP20");
    await page.click("#code-submit");
    await settled(page);
    await click(page, "Continue to payment");
  }],
  ["Choose **Cash on Delivery** and press **Place the order**.", async (page, came) => {
    came.shown = await totals(page);
    came.orderId = await pay(page, "Cash on Delivery");
  }],
];

const came = { steps: STEPS.map(([sentence]) => sentence) };
await withChromium(executablePath, (browser) =>
  withContext(browser, { viewport: { width: 960, height: 640 }, colorScheme: "light" }, async (context, slips) => {
    const page = await context.newPage();
    for (const [number, [, walk, shown]] of STEPS.entries()) {
      await walk(page, came);
      await page.locator(shown ?? "h1").first().evaluate((element, isPart) => (isPart ? element.scrollIntoView({ block: "center" }) : window.scrollTo(0, 0)), Boolean(shown));
      await page.screenshot({ path: join(pictures, `walkthrough-${number + 1}.png`) });
    }
    came.slips = slips;
  }),
);
process.stdout.write(JSON.stringify(came));
