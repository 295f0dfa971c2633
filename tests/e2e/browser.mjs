// Starts Chromium, and keeps what a page should not do: errors of scripts, requests that fail, requests to others.
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What was said between pages and the API, in the form the checker of the published shapes reads. */
export const exchanges = [];
const beingRead = [];

/** Chromium with a profile of its own; `work` gets it. */
export async function withChromium(executablePath, work) {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Cookies and storage that nobody has used: `work` gets the context; `slips` are what should not have happened, as lines. */
export async function withContext(browser, options, work) {
  const context = await browser.newContext(options);
  const slips = [];
  context.setDefaultTimeout(20000);
  context.on("page", (page) => watch(page, slips));
  try {
    const result = await work(context, slips);
    const all = Promise.all(beingRead);
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 2000))]); // pages may leave an answer unread
    return result;
  } finally {
    await context.close();
  }
}

function watch(page, slips) {
  page.on("pageerror", (error) => slips.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) slips.push(`console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => slips.push(`failed: ${request.method()} ${request.url()}`));
  page.on("response", (response) => {
    beingRead.push(keep(response));
    if (response.status() >= 400) slips.push(`${response.status()}: ${response.request().method()} ${new URL(response.url()).pathname}`);
  });
}

async function keep(response) {
  const { pathname, search } = new URL(response.url());
  if (!pathname.startsWith("/api/storefront/")) return;
  const exchange = { api: "storefront", method: response.request().method(), path: pathname + search, status: response.status() };
  exchanges.push(exchange);
  exchange.body = response.status() === 204 ? null : await response.json().catch(() => null);
}
