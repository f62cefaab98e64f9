// Reports on paper: what they say, on white, as wide as the page is, and without what can only be pressed.

import type { Page } from "@playwright/test";
import { type Demo, demo } from "../fixtures/demo.js";
import { expect, signIn, test } from "../fixtures/test.js";
import { send } from "../fixtures/world.js";

/** A4 without margins of 15 mm, at 96 dots an inch. */
const paper = Math.floor(((210 - 2 * 15) / 25.4) * 96);
let site: Demo;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

/** Whatever reaches out of the paper or is cut off on it. */
async function lost(page: Page): Promise<string[]> {
  return page.evaluate((width) => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("main *")) {
      if (element.closest(".vh, svg, [hidden]") || element.getClientRects().length === 0) continue;
      const box = element.getBoundingClientRect();
      const what = `${element.tagName.toLowerCase()}.${element.className}: ${element.innerText.slice(0, 40)}`;
      if (box.left < -1 || box.right > width + 1) found.push(`${what}: ${Math.round(box.left)} to ${Math.round(box.right)}`);
      const style = getComputedStyle(element);
      if (style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1) found.push(`${what}: cut off`);
    }
    return found;
  }, paper);
}

test("reports fit on paper", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, site.url, "admin@example.com", site.password);
  await send(page, "/rpc/reviews/start", { team: "" });
  for (const path of ["/compliance/soc2", "/segregation", "/reviews/1", "/performance", "/audit/3", "/deployments/2"]) {
    await test.step(path, async () => {
      await page.emulateMedia({ media: "screen", colorScheme: "dark" });
      await page.goto(site.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const tables = await page.locator("main table").count();
      await page.setViewportSize({ width: paper, height: 1000 });
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      for (const gone of ["nav.nav", "aside.side", "header.top", ".skip", "main .btn", "main form", "main .copy"]) {
        await expect(page.locator(gone).filter({ visible: true }), gone).toHaveCount(0);
      }
      expect.soft(await lost(page), path).toEqual([]);
      await expect(page.getByText(`Clearance, ${path}, read at`)).toBeVisible();
      // A table stays one: its heads are there for each page.
      const heads = await page.locator("main table thead").evaluateAll((all) => all.map((one) => getComputedStyle(one).display));
      expect(heads).toHaveLength(tables);
      expect(new Set(heads)).toEqual(new Set(tables > 0 ? ["table-header-group"] : []));
      await page.screenshot({ path: test.info().outputPath(`print${path.replaceAll("/", "-")}.png`), fullPage: true });
      await page.setViewportSize({ width: 1440, height: 900 });
    });
  }
});

test("the event that proves a line has its address on paper", async ({ page }) => {
  await signIn(page, site.url, "admin@example.com", site.password);
  await page.goto(`${site.url}/compliance/soc2`);
  const link = page.locator("main .tbl a[href^='/audit/']").first();
  const written = () => link.evaluate((one) => getComputedStyle(one, "::after").content);
  expect(await written()).toBe("none");
  await page.emulateMedia({ media: "print" });
  expect(await written()).toContain((await link.getAttribute("href")) ?? "?");
});
