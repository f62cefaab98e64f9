// Every page, in each theme and down to the narrowest phone: no barrier that axe knows of, nothing to scroll sideways,
// nothing that the content security policy refused.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { type Demo, demo } from "../fixtures/demo.js";
import { expect, signIn, test } from "../fixtures/test.js";

let site: Demo;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

const pages = [
  "/",
  "/agents",
  "/agents?q=nothing",
  "/agents/new",
  "/agents/refund-assistant",
  "/agents/nobody",
  "/deployments",
  "/deployments/2",
  "/deployments/3",
  "/deployments/3/evaluation",
  "/deployments/4",
  "/deployments/4/evaluation",
  "/deployments/5",
  "/approvals",
  "/approvals/2",
  "/approvals/5",
  "/audit",
  "/audit/3",
  "/connections",
  "/settings",
  "/no/such/page",
];

async function settled(page: Page, path: string): Promise<void> {
  await page.goto(site.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

async function hasNoBarrier(page: Page, path: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
  expect.soft(told, path).toEqual([]);
}

async function fits(page: Page, path: string): Promise<void> {
  const width = await page.evaluate(() => ({ page: document.documentElement.scrollWidth, window: window.innerWidth }));
  expect.soft(width.page, `${path} at ${width.window} px`).toBeLessThanOrEqual(width.window);
}

for (const [name, scheme, width] of [
  ["light", "light", 1440],
  ["dark", "dark", 1440],
  ["on a phone", "light", 390],
] as const) {
  test(`pages have no barriers: ${name}`, async ({ browser, trouble }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } });
    context.on("weberror", (error) => trouble.push(error.error().message));
    const page = await context.newPage();
    await settled(page, "/sign-in");
    await hasNoBarrier(page, "/sign-in");
    // The approver sees the most: also the forms that decide.
    await signIn(page, site.url, "approver@example.com", site.password);
    for (const path of pages) {
      await settled(page, path);
      await hasNoBarrier(page, path);
      await fits(page, path);
    }
    // What only the administrator sees.
    await page.goto(`${site.url}/sign-in`);
    await context.clearCookies();
    await signIn(page, site.url, "admin@example.com", site.password);
    for (const path of ["/settings", "/connections", "/agents/refund-assistant", "/deployments/2"]) {
      await settled(page, path);
      await hasNoBarrier(page, path);
      await fits(page, path);
    }
    await context.close();
  });
}

test("pages fit the narrowest phone", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await signIn(page, site.url, "approver@example.com", site.password);
  for (const path of pages) {
    await settled(page, path);
    await fits(page, path);
  }
});
