// What holds for people who decide: two of them where the policy says two, nobody about what they wrote themselves, nobody
// about what changed meanwhile, and nobody too late. Each journey has an installation of its own.

import { type Page, expect } from "@playwright/test";
import { World, approve, reaches, send } from "../fixtures/world.js";
import { until } from "../fixtures/server.js";
import { test } from "../fixtures/test.js";

const again = "overlays/refund-assistant-next";

async function propose(page: Page, world: World, quorum: number, reason: string): Promise<void> {
  await world.open(page, "/policies/new");
  const text = page.getByLabel("Document");
  await text.fill((await text.inputValue()).replace(/quorum: \d+/, `quorum: ${quorum}`));
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: "Propose policy" }).click();
}

test("two people must approve, and they cannot act twice or against each other", async ({ page, browser, trouble }) => {
  test.setTimeout(240_000);
  const world = await World.make(page, browser, trouble);
  try {
    const first = await world.add("First Approver", "approver");
    const second = await world.add("Other Admin", "administrator");

    await test.step("a rule that one person would have to meet alone is refused, with who there is", async () => {
      await propose(page, world, 2, "Two people look at production.");
      await expect(page.getByText("Team customer-care could never give 2 approvals")).toBeVisible();
      await expect(page.getByText("who may decide there: First Approver.")).toBeVisible();
      await expect(page.getByLabel("Document")).toHaveValue(/quorum: 2/);
      await world.open(page, "/policies");
      await expect(page.getByText("standard").first()).toBeVisible();
    });

    const other = await world.as(second);
    await test.step("with two who can, another administrator puts it in force", async () => {
      await world.add("Second Approver", "approver");
      await propose(page, world, 2, "Two people look at production.");
      await expect(page).toHaveURL(/\/policies\/2/);
      await world.open(other, "/policies/2");
      await expect(other.getByText("Second Approver")).toBeVisible();
      await other.getByRole("button", { name: "Approve policy" }).click();
      await expect(other.getByText("in force", { exact: false }).first()).toBeVisible();
    });

    const [one, two] = [await world.as(first), await world.as("second-approver@example.com")];
    await world.asked("refund-assistant", "Add the agent", 2);

    await test.step("one approval of two changes nothing, and the same person has no second one", async () => {
      for (const who of [one, two]) await world.open(who, "/approvals/2");
      await expect(two.getByText("2 approvals are needed")).toBeVisible();
      await approve(one, "orders:read");
      await expect(one.getByText("Awaiting approval, 1 of 2")).toBeVisible();
      await expect(one.getByRole("button", { name: "Approve deployment" })).toHaveCount(0);
      await world.open(page, "/deployments/2");
      await reaches(page, 2, /Awaiting approval/);
    });

    await test.step("the second one completes it", async () => {
      // The open page brought itself up to date; the click is about the same manifest.
      await expect(two.getByText("One more approval")).toBeVisible();
      await approve(two, "orders:read", "Read as the second of two.");
      await reaches(page, 2, "Live");
    });

    await test.step("of two who answer at once, both are told what became of it", async () => {
      await world.asked(again, "Open refunds for customers", 4);
      for (const who of [one, two]) {
        await world.open(who, "/approvals/4");
        await who.getByRole("checkbox", { name: /refunds:write/ }).check();
      }
      await one.getByText("Reject this deployment…").click();
      await one.getByLabel("Reason for the team").fill("The limit for refunds is missing.");
      await Promise.all([
        one.getByRole("button", { name: "Reject deployment" }).click(),
        two.getByRole("button", { name: "Approve deployment" }).click(),
      ]);
      await reaches(page, 4, "Cleaned up");
      // One rejection ends it, whoever was first; the other one's page says so and offers nothing any more.
      for (const who of [one, two]) {
        await world.open(who, "/approvals/4");
        await expect(who.getByText("What was decided")).toBeVisible();
        await expect(who.getByText("The limit for refunds is missing.").first()).toBeVisible();
        await expect(who.getByRole("button", { name: "Approve deployment" })).toHaveCount(0);
      }
    });
  } finally {
    await world.close();
  }
});

test("an author is refused by name of the rule, also as an administrator with the approver's role", async ({ page, browser, trouble }) => {
  test.setTimeout(180_000);
  const world = await World.make(page, browser, trouble, { name: "Admin", email: "admin@example.com" });
  try {
    await test.step("the administrator takes the approver's role, which is in the audit trail", async () => {
      await world.open(page, "/settings");
      const people = page.getByRole("region", { name: "People" });
      await people.getByText("Give a role", { exact: true }).click();
      const give = people.locator("form").filter({ has: page.getByRole("button", { name: "Give the role" }) });
      await give.getByLabel("Person's e-mail").fill("admin@example.com");
      await give.getByLabel("Role", { exact: true }).selectOption("Approver");
      await give.getByLabel("Reason").fill("There is nobody else yet.");
      await give.getByRole("button", { name: "Give the role" }).click();
      await expect(page.getByText("Role given.")).toBeVisible();
      await world.open(page, "/audit?action=role_granted");
      await expect(page.getByRole("table", { name: "Events, newest first" }).getByText("Role granted").first()).toBeVisible();
    });

    await world.asked("refund-assistant", "Add the agent", 2);
    const digest = await test.step("the page says which rule keeps the author out", async () => {
      await world.open(page, "/approvals/2");
      await expect(page.getByText("You wrote a commit", { exact: false }).first()).toBeVisible();
      await expect(page.getByText("This rule has no exception.")).toBeVisible();
      await expect(page.getByRole("button", { name: "Approve deployment" })).toHaveCount(0);
      return /sha256:[0-9a-f]{64}/.exec(await page.content())?.[0] ?? "";
    });

    await test.step("what is posted all the same is refused and recorded", async () => {
      await send(page, "/rpc/approvals/decide", {
        number: "2",
        manifest_digest: digest,
        verdict: "approve",
        accepted_scopes: "orders:read",
      });
      await world.open(page, "/deployments/2");
      await reaches(page, 2, /Awaiting approval/);
      await world.open(page, "/audit?outcome=refused");
      const events = page.getByRole("table", { name: "Events, newest first" });
      await expect(events.getByText(/Refused/).first()).toBeVisible();
      await events.getByRole("rowheader").first().getByRole("link").click();
      await expect(page.getByText(/commit/i).first()).toBeVisible();
    });
  } finally {
    await world.close();
  }
});

test("a changed variable makes the question stale, and time makes it expire", async ({ page, browser, trouble }) => {
  test.setTimeout(240_000);
  const world = await World.make(page, browser, trouble);
  try {
    const email = await world.add("Approver", "approver");
    const approver = await world.as(email);
    await world.asked("refund-assistant", "Add the agent", 2);
    await world.open(approver, "/approvals/2");

    await test.step("the field that changed is named, and the click about the manifest of before does not count", async () => {
      const zero = "0".repeat(64);
      world.tamper(
        `INSERT INTO config_bundles (digest, body, created_at) SELECT 'sha256:${zero}', body, created_at FROM config_bundles;
         UPDATE versions SET config_digest = 'sha256:${zero}';`,
      );
      await approve(approver, "orders:read");
      // A look that is taken every 30 seconds may notice it before the click does; then the page has the next question already.
      const noticed = approver.getByText("This changed since you opened it.", { exact: false });
      const anew = approver.getByText("Asked again: config changed.");
      await expect(noticed.or(anew).first()).toBeVisible();
      if (await noticed.isVisible()) {
        await expect(approver.getByText("The manifest changed after this was asked: config.").or(anew).first()).toBeVisible();
        await approver.getByRole("link", { name: "Read it anew" }).click();
      }
      await expect(anew).toBeVisible({ timeout: 30_000 });
      await expect(approver.getByText("Awaiting approval, 0 of 1").first()).toBeVisible();
      await expect(approver.getByText("Round 2").first()).toBeVisible();
    });

    await test.step("asked anew, it is approved", async () => {
      await world.open(approver, "/approvals/2");
      await approve(approver, "orders:read");
      await world.open(page, "/deployments/2");
      await reaches(page, 2, "Live");
    });

    await test.step("an answer after 72 hours comes too late", async () => {
      await world.asked(again, "Open refunds for customers", 4);
      world.putForward(73 * 60);
      await until("the request expired", 60, async () => {
        const late = await world.as(email);
        await world.open(late, "/approvals/4");
        const over = (await late.getByText("Expired", { exact: true }).count()) > 0;
        expect(await late.getByText("Approved. The deployment goes on by itself.").count()).toBe(0);
        return over;
      });
      const late = await world.as("admin@example.com");
      await world.open(late, "/deployments/4");
      await reaches(late, 4, "Cleaned up");
      await world.open(late, "/agents/refund-assistant");
      await expect(late.getByText("v1.0.0 live in production")).toBeVisible();
    });
  } finally {
    await world.close();
  }
});
