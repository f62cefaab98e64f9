// The same without script: the answer to a form that came too late says that nothing was done, and gives back what was typed; the
// browser sends the form again when the page is loaded anew by somebody who signed in elsewhere.

import { expect, signIn, test } from "../fixtures/test.js";
import { type Server, start } from "../fixtures/server.js";
import { firstRun, password } from "../fixtures/world.js";

const text = "A team whose name has words";
let site: Server;

test.beforeAll(async ({ browser }) => {
  site = await start(["serve"]);
  const page = await browser.newPage();
  await firstRun(page, site.url);
  await page.close();
});
test.afterAll(() => site?.close());

test("a form that came too late is sent again after the sign-in", async ({ page, context }) => {
  await signIn(page, site.url, "admin@example.com", password);
  await page.goto(`${site.url}/settings`);
  const form = page.locator("form[action='/rpc/teams/create']");
  const folded = page.locator("details").filter({ has: form }).locator("summary");
  await folded.first().click();
  await form.getByLabel("Name", { exact: true }).fill(text);
  await form.getByLabel("Short name").fill("words");
  await context.clearCookies();
  const [answer] = await Promise.all([page.waitForResponse("**/rpc/teams/create"), form.getByRole("button").click()]);
  expect(answer.status()).toBe(401);
  await expect(page.getByRole("heading", { level: 1, name: "Your session has ended" })).toBeVisible();
  await expect(page.getByLabel("What you typed, 1")).toHaveValue(text);

  const link = page.getByRole("link", { name: "Sign in in another tab" });
  const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
  await tab.getByLabel("Work e-mail").fill("admin@example.com");
  await tab.getByLabel("Password").fill(password);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await expect(tab).toHaveURL(`${site.url}/settings`);
  await expect(tab.getByRole("cell", { name: "words" })).toHaveCount(0);

  await page.reload();
  await expect(page).toHaveURL(/\/settings/);
  await expect(page.getByRole("rowheader", { name: text })).toBeVisible();
});
