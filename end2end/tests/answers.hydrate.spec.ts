// Questions that people come with, answered on the demo in few clicks, and with keys alone. A click is a link, a button or a choice that
// is pressed. What is asked for is decided last, because an installation tells its story once.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { type Demo, demo } from "../fixtures/demo.js";
import { until } from "../fixtures/server.js";
import { labelAgents } from "../fixtures/labels.js";
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
  // The field takes whole minutes, and the demo told its story within the last.
  const moment = new Date(Date.now() + 60_000).toISOString().slice(0, 16);
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
    const approved = lines.filter({ hasText: "Approval decided" }).filter({ hasText: "Demo approver" });
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

test("agents are labelled where they are listed, and the columns of the list are chosen", async ({ page }) => {
  await signIn(page, site.url, "admin@example.com", site.password);
  await labelAgents(page, site.url, ["eu-only", "pci"]);
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
