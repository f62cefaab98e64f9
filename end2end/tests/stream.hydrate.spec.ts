// Pages that bring themselves up to date: over a cut network and a killed server, and in more tabs than a browser has connections.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { type Server, start } from "../fixtures/server.js";
import { expect, signIn, test } from "../fixtures/test.js";
import { firstRun, password, send } from "../fixtures/world.js";

let site: Server;
let elsewhere: Page;
let made = 0;

test.beforeAll(async ({ browser }) => {
  site = await start(["serve"]);
  elsewhere = await browser.newPage();
  await firstRun(elsewhere, site.url);
});
test.afterAll(() => site?.close());

/** Somebody elsewhere changes what the page shows. Returns what is to be read then. */
async function change(): Promise<string> {
  const slug = `host-${(made += 1)}`;
  await send(elsewhere, "/rpc/connections/create", { slug, name: `Git host ${made}`, kind: "github" });
  return slug;
}

/** Opens the page and marks its document: a reload would lose the mark. */
async function open(page: Page): Promise<void> {
  await page.goto(`${site.url}/connections`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.evaluate(() => document.documentElement.setAttribute("data-mark", "same"));
}

async function shows(page: Page, slug: string): Promise<void> {
  await expect(page.getByRole("main")).toContainText(slug);
  expect(await page.evaluate(() => document.documentElement.getAttribute("data-mark"))).toBe("same");
}

function streams(context: BrowserContext): { opened: number; open: number } {
  const counted = { opened: 0, open: 0 };
  const isStream = (url: string): boolean => new URL(url).pathname === "/events";
  context.on("request", (request) => {
    if (isStream(request.url())) (counted.opened += 1), (counted.open += 1);
  });
  const ended = (url: string): void => void (isStream(url) && (counted.open -= 1));
  context.on("requestfinished", (request) => ended(request.url()));
  context.on("requestfailed", (request) => ended(request.url()));
  return counted;
}

test("a page recovers by itself after the network was cut", async ({ page, context }) => {
  await signIn(page, site.url, "admin@example.com", password);
  await open(page);
  await shows(page, await change());
  const notice = page.getByText("Not up to date.");
  await context.setOffline(true);
  await expect(notice).toBeVisible();
  await expect(page.getByText(/What you see is of \d\d:\d\d:\d\d UTC\./)).toBeVisible();
  const missed = await change();
  await context.setOffline(false);
  await expect(notice).toHaveCount(0);
  await shows(page, missed);
  await shows(page, await change());
});

test("a page recovers by itself after the server was killed", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, site.url, "admin@example.com", password);
  await open(page);
  await shows(page, await change());
  await site.restart();
  const missed = await change();
  await shows(page, missed);
  await expect(page.getByText("Not up to date.")).toHaveCount(0);
  await shows(page, await change());
});

test("a session that was ended elsewhere leads an open page to the sign-in", async ({ page, context }) => {
  await signIn(page, site.url, "admin@example.com", password);
  await open(page);
  await shows(page, await change());
  const cookies = await context.cookies();
  // The same session in another browser: signing out there ends it here.
  await elsewhere.context().clearCookies();
  await elsewhere.context().addCookies(cookies);
  await elsewhere.goto(`${site.url}/keyboard`);
  await elsewhere.locator("details.menu summary").click();
  await elsewhere.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fconnections$/, { timeout: 20_000 });
  await signIn(elsewhere, site.url, "admin@example.com", password);
});

test("seven tabs share one stream, and pass it on", async ({ page, context }) => {
  test.setTimeout(120_000);
  const counted = streams(context);
  await signIn(page, site.url, "admin@example.com", password);
  const tabs = [page];
  for (let more = 0; more < 6; more += 1) tabs.push(await context.newPage());
  for (const tab of tabs) await open(tab);
  const first = await change();
  for (const tab of tabs) await shows(tab, first);
  expect(counted.open).toBe(1);

  // Whichever holds it, each of the first three goes.
  for (const gone of tabs.splice(0, 3)) {
    await gone.close();
    const next = await change();
    for (const tab of tabs) await shows(tab, next);
  }
  expect(counted.opened).toBeLessThanOrEqual(4 + 3);
  await expect(async () => {
    const fresh = await context.newPage();
    await fresh.goto(`${site.url}/keyboard`, { timeout: 5_000 });
    await fresh.close();
  }).toPass({ timeout: 10_000 });
});

test("where the browser has no locks, a tab holds a stream of its own while it is looked at", async ({ page, context }) => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }));
  const counted = streams(context);
  await signIn(page, site.url, "admin@example.com", password);
  await open(page);
  await shows(page, await change());
  const look = (state: "hidden" | "visible"): Promise<void> =>
    page.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => now });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await look("hidden");
  await expect.poll(() => counted.open).toBe(0);
  const missed = await change();
  await look("visible");
  await shows(page, missed);
  expect(counted.open).toBe(1);
});

// The last one: it puts the server's clock forward.
test("a page that is merely open, and brings itself up to date, does not keep its session", async ({ page }) => {
  const later = (minutes: number): void => writeFileSync(join(site.data, "clock"), String(minutes * 60));
  await signIn(page, site.url, "admin@example.com", password);
  await open(page);
  await shows(page, await change());
  later(30);
  await shows(page, await change());
  later(58);
  await shows(page, await change());
  // An hour after the last request of its person, not after the last refresh.
  later(61);
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fconnections$/, { timeout: 30_000 });
  await elsewhere.goto(`${site.url}/keyboard`);
  await expect(elsewhere.getByRole("heading", { level: 1, name: "Keyboard" })).toBeVisible();
});
