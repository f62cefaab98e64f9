// People sign in through a certified provider of OpenID Connect: come in, prove themselves again, live through a change of
// its keys and through its absence, and sign out here and there.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { SignInProvider, secret } from "../fixtures/provider.js";
import { type Server, freePort, start } from "../fixtures/server.js";
import { expect, test } from "../fixtures/test.js";
import { firstRun } from "../fixtures/world.js";

/** By the provider's own pages. */
async function atProvider(page: Page, account: string): Promise<void> {
  await page.locator("input[name=login]").fill(account);
  await page.locator("input[name=password]").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  const agree = page.getByRole("button", { name: "Continue" });
  if (await agree.isVisible()) await agree.click();
}

test("people come through a provider", async ({ page, browser }) => {
  const folder = mkdtempSync(join(tmpdir(), "clearance-oidc-"));
  const port = await freePort();
  const file = join(folder, "clearance.toml");
  writeFileSync(
    file,
    `[[sign_in.providers]]
id = "acme"
label = "Acme"
issuer = "http://127.0.0.1:${port}"
client_id = "clearance"
client_secret = "env:CLEARANCE_ACME_SECRET"
new_people = true
[[sign_in.providers.roles]]
group = "Administrators"
role = "administrator"
`,
  );
  let server: Server | undefined;
  let provider: SignInProvider | undefined;
  try {
    const site = await start(["serve"], { CLEARANCE_CONFIG: file, CLEARANCE_ACME_SECRET: secret });
    server = site;
    const oidc = new SignInProvider(port, site.url);
    provider = oidc;
    const elsewhere = await browser.newContext();
    const admin = await elsewhere.newPage();
    await firstRun(admin, site.url);

    await test.step("without the provider the page says so, and the password goes on", async () => {
      await page.goto(`${site.url}/sign-in`);
      await page.getByRole("link", { name: "Continue with Acme" }).click();
      await expect(page.getByRole("alert")).toContainText("does not answer at this time");
    });

    await oidc.start();
    await test.step("a new person comes in, and is where they wanted to go", async () => {
      await expect(async () => {
        await page.goto(`${site.url}/sign-in?next=%2Fsettings%2Fsessions`);
        await page.getByRole("link", { name: "Continue with Acme" }).click();
        await expect(page.locator("input[name=login]")).toBeVisible({ timeout: 1_000 });
      }).toPass({ timeout: 15_000 });
      await atProvider(page, "newcomer");
      await expect(page).toHaveURL(`${site.url}/settings/sessions`);
      await expect(page.getByRole("region", { name: "Your sessions" })).toContainText("Acme");
      await expect(page.getByRole("region", { name: "Accounts you sign in with" })).toContainText("newcomer");
    });

    await test.step("an administrator sees the session, and ends it", async () => {
      await admin.goto(`${site.url}/settings/sessions`);
      const row = admin.getByRole("row", { name: /newcomer@example.com/ });
      await row.getByRole("button", { name: "End session" }).click();
      await expect(admin.getByRole("status").filter({ hasText: "Session ended" })).toBeVisible();
      await page.reload();
      await expect(page.getByRole("heading", { name: "Your sessions" })).toHaveCount(0);
    });

    await test.step("after a change of keys they come in again", async () => {
      await oidc.stop();
      await oidc.start();
      await page.goto(`${site.url}/sign-in`);
      await page.getByRole("link", { name: "Continue with Acme" }).click();
      await atProvider(page, "newcomer");
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
    });

    await test.step("signing out goes on to the provider, and comes back", async () => {
      await page.goto(`${site.url}/settings/sessions`);
      await page.locator("details.menu summary").click();
      await page.getByRole("button", { name: "Sign out" }).press("Enter");
      await expect(page).toHaveURL(new RegExp(`^${oidc.issuer}/session/end`));
      await page.getByRole("button", { name: "Yes, sign me out" }).click();
      await expect(page).toHaveURL(new RegExp(`^${site.url}/sign-in`));
    });

    await test.step("signing out at the provider ends the session here", async () => {
      await page.goto(`${site.url}/sign-in`);
      await page.getByRole("link", { name: "Continue with Acme" }).click();
      await atProvider(page, "newcomer");
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
      await page.goto(`${oidc.issuer}/session/end`);
      await page.getByRole("button", { name: "Yes, sign me out" }).click();
      await expect(async () => {
        const answer = await page.request.get(`${site.url}/api/v1/notifications`);
        expect(answer.status()).toBe(401);
      }).toPass({ timeout: 5_000 });
    });
    await elsewhere.close();
  } finally {
    await provider?.stop();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
