// A session ends while somebody types: they are told before, and what they typed is there again after they signed in. Never a secret,
// and never to somebody else.

import type { Page } from "@playwright/test";
import { type Server, start } from "../fixtures/server.js";
import { expect, test } from "../fixtures/test.js";
import { firstRun, password, send } from "../fixtures/world.js";

const other = "second@example.com";
const text = "Was typed before the session ended";
let site: Server;

test.beforeAll(async ({ browser }) => {
  site = await start(["serve"]);
  const page = await browser.newPage();
  await firstRun(page, site.url);
  await send(page, "/rpc/people/add", { name: "Second", email: other, password, role: "administrator" });
  await page.close();
});
test.afterAll(() => site?.close());

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("Work e-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The form of a new person on the settings, filled in. */
async function fill(page: Page): Promise<void> {
  await page.goto(`${site.url}/settings`);
  const form = page.locator("form[action='/rpc/people/add']");
  const folded = page.locator("details:not([open])").filter({ has: form }).locator("summary");
  if ((await folded.count()) > 0) await folded.first().click();
  await form.getByLabel("Name").fill(text);
  await form.getByLabel("Work e-mail").fill("third@example.com");
  await form.getByLabel("Role").selectOption("viewer");
  await form.getByLabel("First password").fill("a secret that is not kept");
}

const kept = (page: Page): Promise<string> => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));

test("what was typed is in its form again, but for the password", async ({ page, context }) => {
  await page.goto(`${site.url}/sign-in`);
  await signIn(page, "admin@example.com");
  await fill(page);
  await context.clearCookies();
  await page.getByRole("button", { name: "Add person" }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fsettings$/);
  expect(await kept(page)).toContain(text);
  expect(await kept(page)).not.toContain("a secret");
  await signIn(page, "admin@example.com");
  await expect(page).toHaveURL(`${site.url}/settings`);
  const form = page.locator("form[action='/rpc/people/add']");
  await expect(page.getByText("This was not sent.")).toBeVisible();
  await expect(form.getByLabel("Name")).toHaveValue(text);
  await expect(form.getByLabel("Work e-mail")).toHaveValue("third@example.com");
  await expect(form.getByLabel("Role")).toHaveValue("viewer");
  await expect(form.getByLabel("First password")).toHaveValue("");
  expect(await kept(page)).not.toContain(text);
  await form.getByLabel("First password").fill(password);
  await page.getByRole("button", { name: "Add person" }).click();
  await expect(page.getByText("Person added.")).toBeVisible();
});

test("somebody else gets nothing of it, and it is gone then", async ({ page, context }) => {
  await page.goto(`${site.url}/sign-in`);
  await signIn(page, "admin@example.com");
  await fill(page);
  await context.clearCookies();
  await page.getByRole("button", { name: "Add person" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, other);
  await expect(page).toHaveURL(`${site.url}/settings`);
  await expect.poll(() => kept(page)).not.toContain(text);
  await expect(page.locator("form[action='/rpc/people/add']").getByLabel("Name")).toHaveValue("");
  await expect(page.getByText("This was not sent.")).toHaveCount(0);
});

test("it is gone after signing out", async ({ page, context }) => {
  await page.goto(`${site.url}/sign-in`);
  await signIn(page, "admin@example.com");
  await fill(page);
  await context.clearCookies();
  await page.getByRole("button", { name: "Add person" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  expect(await kept(page)).toContain(text);
  await page.goto(`${site.url}/sign-in?next=%2Fkeyboard`);
  await signIn(page, "admin@example.com");
  await expect(page).toHaveURL(/\/keyboard$/);
  await page.locator("details.menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(await kept(page)).not.toContain(text);
});

test("the end is told two minutes before, put off by a click, and told when it is there", async ({ page }) => {
  await page.clock.install();
  await page.goto(`${site.url}/sign-in`);
  await signIn(page, "admin@example.com");
  await fill(page);
  const soon = page.getByText("Your session ends soon.");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  // An hour without a request is the default.
  await page.clock.fastForward("57:00");
  await expect(soon).toHaveCount(0);
  await page.clock.fastForward("01:30");
  await expect(soon).toBeVisible();
  expect(asked, "the page knows it and asks nobody").toEqual([]);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(soon).toHaveCount(0);
  await expect(page.locator("form[action='/rpc/people/add']").getByLabel("Name")).toHaveValue(text);
  await page.clock.fastForward("59:00");
  await expect(soon).toBeVisible();
  await page.clock.fastForward("02:00");
  await expect(page.getByText("Your session has ended.")).toBeVisible();
  expect(await kept(page)).toContain(text);
  expect(await kept(page)).not.toContain("a secret");
});
