// A push asks for an approval, and the people and programs that should hear of it do: a real mail over SMTP, looked at in
// light and dark, and a webhook whose signature the receiver checks with its own code.

import { join } from "node:path";
import { type Mail, type MailServer, type Receiver, mailServer, receiver } from "../fixtures/mail.js";
import { Repository, deliver } from "../fixtures/git.js";
import { type Server, start, until } from "../fixtures/server.js";
import { expect, test } from "../fixtures/test.js";
import { firstRun, password, send } from "../fixtures/world.js";

test("an approval is told by mail and by a signed webhook", async ({ page }) => {
  test.setTimeout(180_000);
  const mails: MailServer = await mailServer();
  const hook: Receiver = await receiver();
  let server: Server | undefined;
  try {
    const site = await start(["serve"], {
      CLEARANCE_MAIL__HOST: "127.0.0.1",
      CLEARANCE_MAIL__PORT: String(mails.port),
      CLEARANCE_MAIL__SECURITY: "none",
      CLEARANCE_MAIL__FROM: "Clearance <clearance@example.com>",
      CLEARANCE_CHANNEL_HOSTS: "127.0.0.1",
    });
    server = site;
    const repository = new Repository(site.data, "refund-assistant-source");
    await firstRun(page, site.url);
    await send(page, "/rpc/teams/create", { name: "Customer care", slug: "customer-care" });
    const approver = { name: "Ben <b>Approver</b>", email: "approver@example.com", password, role: "approver" };
    await send(page, "/rpc/people/add", approver);
    const connected = await send(page, "/rpc/connections/create", { slug: "acme", name: "Acme", kind: "github" });
    const secret = /\b[0-9a-f]{64}\b/.exec(connected)?.[0] ?? "";
    const agent = { slug: "refund-assistant", team: "customer-care", connection: "acme", branch: "main" };
    await send(page, "/rpc/agents/onboard", { ...agent, repository: repository.path });

    const key = await test.step("a channel is added, tested, and its key shown once", async () => {
      await page.goto(`${site.url}/notifications`);
      const form = page.getByRole("region", { name: "Add a channel" });
      await form.getByLabel("Kind").selectOption("Webhook");
      await form.getByLabel("Name", { exact: true }).fill("Ticket desk");
      await form.getByLabel("Address").fill(hook.address);
      await form.getByRole("button", { name: "Add channel" }).click();
      const made = page.getByRole("status").filter({ hasText: "is added" });
      await expect(made).toBeVisible();
      const shown = (await made.locator("code").first().textContent()) ?? "";
      expect(shown).toMatch(/^whsec_/);
      await page.reload();
      await expect(page.getByText(shown)).toHaveCount(0);
      await expect(page.getByText("secret-path")).toHaveCount(0);
      await page.getByRole("button", { name: "Send a test" }).click();
      const tested = page.getByRole("row", { name: /Test message for Ticket desk/ });
      await expect(tested.getByText("Sent", { exact: true })).toBeVisible();
      expect(hook.genuine(shown).map((call) => call.type)).toEqual(["channel_tested"]);
      expect(hook.genuine("whsec_AAAA")).toEqual([]);
      return shown;
    });

    const pushed = repository.commit("Add the agent", "refund-assistant");
    expect(await deliver(site.url, "/webhooks/github/acme", secret, repository, pushed)).toBe(202);
    const asked = (): { type: string; data: { title: string; link: string } }[] =>
      hook.genuine(key).filter((call) => call.type === "approval_opened");
    await until("the webhook hears of the approval", 120, () => asked().length > 0);

    let mail: Mail | undefined;
    await until("the approver has a mail", 20, async () => {
      mail = (await mails.mails()).find((one) => one.to.some((to) => to.address === "approver@example.com"));
      return mail !== undefined;
    });
    const found = mail as Mail;
    expect(found.subject).toBe("Clearance: refund-assistant #2 waits for approval");
    await page.goto(`${site.url}/approvals/2`);
    const digest = /sha256:[0-9a-f]{64}/.exec(await page.content())?.[0] ?? "no digest";
    for (const body of [found.text, found.html]) {
      expect(body).toContain(digest);
      expect(body).toContain(`${site.url}/approvals/2`);
      expect(body).toContain("Nothing can be approved or rejected from a message");
    }
    expect(found.html).not.toContain("<b>Approver</b>");
    expect(found.html).not.toMatch(/<img|<script|src=/);
    expect(asked()).toHaveLength(1);
    expect(asked()[0]?.data.link).toBe(`${site.url}/approvals/2`);

    await test.step("the mail is readable in light and dark", async () => {
      const folder = test.info().outputPath();
      // Away from our own pages, whose security policy a mail program does not have.
      await page.goto("about:blank");
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setContent(found.html);
        await page.screenshot({ path: join(folder, `mail-${colorScheme}.png`), fullPage: true });
        const widest = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(widest).toBeLessThanOrEqual(1_440);
      }
    });

    await test.step("the page says what was sent to whom, and sends again on request", async () => {
      await page.goto(`${site.url}/notifications`);
      const row = page.getByRole("row", { name: /waits for approval.*Ticket desk/ });
      await expect(row.getByText("Sent", { exact: true })).toBeVisible();
      const before = hook.ids().length;
      await row.getByRole("button", { name: "Send again" }).click();
      await until("it came again, under the same id", 20, () => hook.ids().length > before);
      expect(new Set(hook.ids()).size).toBe(before);
    });
  } finally {
    mails.close();
    hook.close();
    await server?.close();
  }
});
