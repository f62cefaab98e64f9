// With keys alone: what is asked for is found, read and decided, and no key decides by itself.

import { type Locator, type Page } from "@playwright/test";
import { type Demo, demo } from "../fixtures/demo.js";
import { expect, signIn, test } from "../fixtures/test.js";

test.describe.configure({ mode: "serial" });

let site: Demo;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

/** Presses Tab until it has the focus; more presses than a page has stops say that it cannot be reached. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 150; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab never reached it");
}

test("keys lead to places, walk over rows and can be turned off", async ({ page }) => {
  await signIn(page, site.url, "viewer@example.com", site.password);
  const heading = page.getByRole("heading", { level: 1 });
  const over = page.getByRole("dialog");

  await page.keyboard.press("?");
  await expect(over.getByText("Go to Approvals")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(over).toBeHidden();

  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(heading).toHaveText("Registry");
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "refund-assistant", exact: true }).first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(heading).toContainText("refund-assistant");

  // In a field letters are text.
  await page.keyboard.press("/");
  await page.keyboard.type("gas");
  await expect(page.getByLabel("Find anything by name or id")).toHaveValue("gas");
  await expect(heading).toContainText("refund-assistant");

  await page.goto(`${site.url}/keyboard`);
  await page.getByRole("button", { name: "Turn single keys off" }).click();
  await expect(page.getByText("Single keys are off")).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.keyboard.press("Control+k");
  await expect(over.getByRole("searchbox")).toBeFocused();
  await expect(heading).toHaveText("Keyboard");
});

test("the search over a page follows what is typed, and leads there", async ({ page }) => {
  await signIn(page, site.url, "viewer@example.com", site.password);
  const over = page.getByRole("dialog");
  await page.keyboard.press("Control+k");
  await expect(over.getByRole("link", { name: /^Audit trail/ })).toBeVisible();
  await page.keyboard.type("refund-assistant");
  await expect(over.getByRole("link", { name: /^Audit trail/ })).toHaveCount(0);
  await expect(over.getByRole("link", { name: /^refund-assistant/ }).first()).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(over.getByRole("link").first()).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(over.getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/agents\/refund-assistant$/);

  // A refresh of the page below leaves it open.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("zzz");
  await expect(over.getByText("Nothing that you may see is called zzz")).toBeVisible();
});

test("an approver decides with keys alone", async ({ page }) => {
  await signIn(page, site.url, "approver@example.com", site.password);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Approvals");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/approvals\/5$/);
  const form = page.getByRole("complementary", { name: "Your decision" });
  await tabTo(page, form.getByRole("checkbox", { name: /refunds:write/ }));
  await page.keyboard.press("Space");
  await tabTo(page, form.getByRole("button", { name: "Approve deployment" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Approved. The deployment goes on by itself.")).toBeVisible();
});
