// Opens a page and waits until its title says that an order was made. Prints the title and what should not have happened, as JSON.
//   node visit.mjs URL CHROMIUM
import { withChromium, withContext } from "./browser.mjs";

const [url, executablePath] = process.argv.slice(2);

await withChromium(executablePath, (browser) =>
  withContext(browser, {}, async (context, slips) => {
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction(() => document.title.startsWith("Order ")).catch((error) => slips.push(error.message));
    process.stdout.write(JSON.stringify({ title: await page.title(), slips }));
  }),
);
