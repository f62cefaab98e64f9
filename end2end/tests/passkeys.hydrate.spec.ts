// People with passkeys, by an authenticator that the browser plays: add one, come in with password and passkey, and decide
// with a passkey that was used just now. Then the counter goes back, as a copy's does.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CDPSession, Page } from "@playwright/test";
import { type Server, start } from "../fixtures/server.js";
import { expect, signIn, test } from "../fixtures/test.js";
import { firstRun, password, send } from "../fixtures/world.js";

/** A device with a PIN that is always right. */
async function device(page: Page): Promise<[CDPSession, string]> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return [cdp, authenticatorId];
}

test("a passkey comes after the password, and before a decision", async ({ page, browser }) => {
  let server: Server | undefined;
  try {
    const site = await start(["serve"], {}, "localhost");
    server = site;
    await firstRun(page, site.url);
    const other = { name: "Other Admin", email: "other@example.com", password, role: "administrator" };
    await send(page, "/rpc/people/add", other);
    const person = await (await browser.newContext()).newPage();
    await signIn(person, site.url, other.email, password);
    const [cdp, authenticatorId] = await device(person);

    await test.step("one is added under a name", async () => {
      await person.goto(`${site.url}/settings/passkeys`);
      await person.getByLabel("Name", { exact: true }).fill("Laptop of the office");
      await person.getByRole("button", { name: "Add a passkey" }).click();
      await expect(person.getByRole("heading", { level: 1, name: "Add a passkey" })).toBeVisible();
      await person.getByRole("button", { name: "Add passkey" }).click();
      await expect(person.getByText("Passkey added")).toBeVisible();
      await expect(person.getByRole("rowheader", { name: "Laptop of the office" })).toBeVisible();
    });

    await test.step("the password alone opens nothing; with the passkey they are in", async () => {
      await person.request.post(`${site.url}/sign-out`, { headers: { origin: site.url } });
      await signIn(person, site.url, other.email, password);
      await expect(person).toHaveURL(`${site.url}/passkey`);
      expect((await person.request.get(`${site.url}/api/v1/agents`)).status()).toBe(401);
      await person.getByRole("button", { name: "Use passkey" }).click();
      await expect(person.getByRole("navigation", { name: "Main" })).toBeVisible();
    });

    await test.step("a decision with a sign-in that is too old takes a passkey of now", async () => {
      await page.goto(`${site.url}/policies/new`);
      const text = page.getByLabel("Document");
      await text.fill((await text.inputValue()).replace(/approval_hours: \d+/, "approval_hours: 48"));
      await page.getByLabel("Reason").fill("Decisions may take two days.");
      await page.getByRole("button", { name: "Propose policy" }).click();
      await expect(page).toHaveURL(/\/policies\/2/);
      writeFileSync(join(site.data, "clock"), String(20 * 60));
      await person.goto(`${site.url}/policies/2`);
      await expect(person.getByLabel("Your password").first()).toBeVisible();
      await person.getByRole("link", { name: "Or use your passkey" }).first().click();
      await person.getByRole("button", { name: "Use passkey" }).click();
      await expect(person).toHaveURL(/\/policies\/2/);
      await expect(person.getByLabel("Your password")).toHaveCount(0);
      await person.getByRole("button", { name: "Approve policy" }).click();
      await expect(person.getByText("in force", { exact: false }).first()).toBeVisible();
    });

    await test.step("an authenticator that counts backwards is refused", async () => {
      const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
      const known = credentials[0];
      if (!known) throw new Error("the authenticator has no credential");
      await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
      await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...known, signCount: 0 } });
      await person.request.post(`${site.url}/sign-out`, { headers: { origin: site.url } });
      await signIn(person, site.url, other.email, password);
      await person.getByRole("button", { name: "Use passkey" }).click();
      await expect(person.getByRole("alert")).toContainText("counts backwards");
    });
    await person.context().close();
  } finally {
    await server?.close();
  }
});
