// Questions that people come with, answered on the demo in few clicks. A click is a link, a button or a choice that is pressed.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { type Demo, demo } from "../fixtures/demo.js";
import { until } from "../fixtures/server.js";
import { expect, signIn, test } from "../fixtures/test.js";

test.describe.configure({ mode: "serial" });

const program = process.env.CLEARANCE_BIN ?? resolve(import.meta.dirname, "../../target/debug/clearance");
let site: Demo;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

/** Counts what is pressed. */
class Clicks {
  made = 0;
  async on(what: Locator): Promise<void> {
    this.made += 1;
    await what.click();
  }
}

const heading = (page: Page): Locator => page.getByRole("heading", { level: 1 });

test("which agent looks after refunds, and who owns it?", async ({ page }) => {
  await signIn(page, site.url, "viewer@example.com", site.password);
  const clicks = new Clicks();
  await clicks.on(page.getByLabel("Find anything by name or id"));
  await page.keyboard.type("refund questions");
  await page.keyboard.press("Enter");
  await clicks.on(page.getByRole("region", { name: "Agents" }).getByRole("link", { name: /refund-assistant/ }));
  await expect(heading(page)).toContainText("refund-assistant");
  await expect(page.getByRole("region", { name: "Owner" })).toContainText(/\w/);
  expect(clicks.made).toBeLessThanOrEqual(3);
});

test("what would this approval change?", async ({ page }) => {
  await signIn(page, site.url, "approver@example.com", site.password);
  const clicks = new Clicks();
  await clicks.on(page.getByRole("region", { name: "Waiting for you" }).getByRole("link", { name: /refund-assistant v1\.1\.0/ }));
  const changes = page.getByRole("table", { name: "What changes" });
  await expect(changes.getByRole("row", { name: /refunds:write/ }).first()).toContainText("Added");
  expect(clicks.made).toBeLessThanOrEqual(2);
});

test("who approved what ran on a given day?", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  const clicks = new Clicks();
  await clicks.on(page.getByRole("link", { name: "Registry" }));
  await clicks.on(page.getByRole("link", { name: "refund-assistant", exact: true }).first());
  const moment = new Date().toISOString().slice(0, 16);
  await page.getByRole("region", { name: "At another time" }).getByLabel("As of, UTC").fill(moment);
  await clicks.on(page.getByRole("button", { name: "Show", exact: true }));
  const production = page.getByRole("region", { name: "Production" });
  await expect(production).toContainText("1.0.0");
  await expect(production).toContainText(/approver|Approver/);
  expect(clicks.made).toBeLessThanOrEqual(4);
});

test("compliance finds who approved it, the proof, the moment and the package, and an outsider verifies it", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, site.url, "auditor@example.com", site.password);

  const event = await test.step("who approved deployment #2", async () => {
    await page.goto(`${site.url}/audit`);
    await page.getByRole("form", { name: "Filters" }).getByLabel("Deployment").fill("#2");
    await page.getByRole("button", { name: "Apply" }).click();
    const lines = page.getByRole("table", { name: /^Events/ }).getByRole("row");
    const approved = lines.filter({ hasText: /approved/i }).filter({ hasText: /approver/i });
    await approved.first().getByRole("link").first().click();
    await expect(heading(page)).toHaveText(/^Event \d+$/);
    return Number(/\d+/.exec(await heading(page).innerText())?.[0]);
  });

  await test.step("the proof is checked by this browser, and by no other key", async () => {
    await expect(page.getByText("Included, verified").first()).toBeVisible();
    await expect(page.getByText(`these bytes are event ${event} of the`)).toBeVisible();
    const key = page.getByLabel("Check with a key that you kept");
    await key.fill("somebody-else+00000000+AQ==");
    await expect(page.getByText(/with the key that you gave: this is no public key/)).toBeVisible();
    await key.fill("");
    await expect(page.getByText(/with the key that this server names: these bytes/)).toBeVisible();
  });

  await test.step("the moment", async () => {
    await page.getByRole("link", { name: "as it was then" }).click();
    await expect(page.getByText("As it was at")).toBeVisible();
  });

  await test.step("the package for SOC 2", async () => {
    await page.goto(`${site.url}/compliance/soc2`);
    await page.getByLabel("Seed of the sample").fill("the auditor's words");
    await page.getByRole("button", { name: "Build evidence package" }).click();
    await expect(heading(page)).toHaveText(/^Evidence package \d+$/);
    await until("the package is built", 90, async () => (await page.getByRole("link", { name: "Download" }).count()) > 0);
    const held = page.getByRole("region", { name: "What it holds" });
    const size = Number(/Audit log, events\s+(\d+)/.exec(await held.innerText())?.[1]);
    expect(size).toBeGreaterThan(event);
    const command = await page.getByRole("region", { name: "Command" }).innerText();
    const key = /--key '([^']+)'/.exec(command)?.[1] ?? "";
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
    const folder = mkdtempSync(join(tmpdir(), "clearance-package-"));
    try {
      const file = join(folder, "soc2.tar");
      await download.saveAs(file);
      const said = execFileSync(program, ["evidence", "verify-package", file, "--key", key], { encoding: "utf8", env: {} });
      expect(said).toMatch(/intact|good/i);
      // Its totals are those of the log that is in it.
      execFileSync("tar", ["-xf", file, "-C", folder]);
      const counted = readFileSync(join(folder, "events.csv"), "utf8").trim().split("\n").length - 1;
      const supporting = Number(/Supporting events\s+(\d+)/.exec(await held.innerText())?.[1]);
      expect(counted).toBe(supporting);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
