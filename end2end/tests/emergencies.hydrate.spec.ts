// What people do when something is wrong: ask for a role, break the glass and pay it back, put an agent into quarantine, and
// put back what was approved. One installation, in the order of a bad night.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { World, reaches } from "../fixtures/world.js";
import { agents, until } from "../fixtures/server.js";
import { expect, test } from "../fixtures/test.js";

const runtime = "clearance-2";

/** Opens a step and gives the reason that it asks for. */
async function act(page: Page, step: string, reason: string, button: string): Promise<void> {
  const zone = page.locator("details").filter({ has: page.getByText(step, { exact: true }) });
  await zone.getByText(step, { exact: true }).click();
  await zone.getByRole("textbox").last().fill(reason);
  await zone.getByRole("button", { name: button }).click();
}

test("a bad night, from a role for an hour to what was learnt", async ({ page, browser, trouble }) => {
  test.setTimeout(300_000);
  const world = await World.make(page, browser, trouble);
  try {
    const [onCall, lead] = [await world.add("On Call", "developer"), await world.add("Team Lead", "approver")];
    await world.asked("refund-assistant", "Add the agent", 2);
    const night = await world.as(onCall);
    const approver = await world.as(lead);

    await test.step("without the role nothing dangerous is offered", async () => {
      await world.open(night, "/deployments/2");
      await expect(night.getByText("Break the glass…")).toHaveCount(0);
    });

    await test.step("a role for an hour is asked for and given by somebody else", async () => {
      await world.open(night, "/elevations");
      const ask = night.getByRole("region", { name: "Ask for a role" });
      await ask.getByLabel("Role", { exact: true }).selectOption("Operator");
      await ask.getByLabel("Team").selectOption("customer-care");
      await ask.getByLabel("For").selectOption("1 hour");
      await ask.getByLabel("Reason").fill("Customers are charged twice, and the lead is asleep.");
      await ask.getByRole("button", { name: "Ask for the role" }).click();
      await expect(night.getByText("You asked for this yourself", { exact: false })).toBeVisible();
      await expect(night.getByRole("button", { name: /Give the role/ })).toHaveCount(0);
      await world.open(approver, "/elevations");
      await approver.getByRole("button", { name: "Give the role to On Call" }).click();
      await expect(approver.getByText("Given. The role is held from now on")).toBeVisible();
      await world.open(night, "/deployments/2");
      await expect(night.getByText("You are operator in customer-care until", { exact: false })).toBeVisible();
    });

    await test.step("the glass is broken for exactly one manifest", async () => {
      const digest = /sha256:[0-9a-f]{64}/.exec(await night.locator("#break-glass ~ .digest").innerHTML())?.[0] ?? "";
      const fill = async (typed: string): Promise<void> => {
        await night.getByLabel("Manifest digest").fill(typed);
        await night.getByLabel("Incident", { exact: true }).fill("https://status.example.com/incidents/41");
        await night.getByLabel("Reason", { exact: true }).last().fill("Refunds are charged twice until this version runs.");
        await night.getByRole("button", { name: "Break the glass for #2" }).click();
      };
      await night.getByText("Break the glass…").click();
      await fill(`sha256:${"0".repeat(64)}`);
      await expect(night.getByRole("alert").or(night.getByText("changed since you opened it", { exact: false })).first()).toBeVisible();
      await world.open(night, "/deployments/2");
      await reaches(night, 2, /Awaiting approval/);
      await night.getByText("Break the glass…").click();
      await fill(digest);
      await expect(night.getByText("The glass is broken.", { exact: false })).toBeVisible();
      await reaches(night, 2, "Live");
      await expect(night.getByText("#2 went on without approval.", { exact: false }).first()).toBeVisible();
    });

    await test.step("whoever broke it does not review it; somebody else does", async () => {
      await world.open(night, "/post-reviews/1");
      await expect(night.getByText("Whoever had a part in it does not review it.", { exact: false })).toBeVisible();
      await world.open(approver, "/approvals");
      await approver.getByRole("link", { name: /PR-1/ }).first().click();
      await approver.getByLabel("Finding").selectOption("It was right: the emergency was real");
      await approver.getByLabel("What you found").fill("The incident was real and the change was the fix.");
      await approver.getByRole("button", { name: "Close post-review" }).click();
      await expect(approver.getByText("The post-review is closed.", { exact: false })).toBeVisible();
    });

    await test.step("an incident stops the agent, and its identity first; both come back", async () => {
      await world.open(night, "/incidents?agent=refund-assistant");
      await night.getByLabel("What is wrong").fill("Promises refunds that nobody granted");
      await night.getByRole("button", { name: "Open incident" }).click();
      await expect(night.getByRole("heading", { level: 1, name: /INC-1/ })).toBeVisible();
      await expect(night.getByText("On Call looks after it.")).toBeVisible();
      await expect(night.getByRole("button", { name: "Take it over" })).toHaveCount(0);
      await act(night, "Put into quarantine…", "It promises refunds to anybody who asks.", "Quarantine v1.0.0");
      await until("the runtime is stopped", 30, () => !agents(world.server.data).has(runtime));
      await expect(night.getByRole("table", { name: "Quarantines of this incident" }).getByText(/In force|In quarantine/).first()).toBeVisible();
      await act(night, "Release from quarantine…", "The prompt was not the cause.", "Release from quarantine");
      await until("the runtime is back", 60, () => agents(world.server.data).has(runtime));
      await act(night, "Say that it does no harm any more…", "The orders system was the cause.", "Mark as mitigated");
      await expect(night.getByText("Mitigated", { exact: true }).first()).toBeVisible();
      await act(night, "Close the incident…", "The orders system needs a limit of its own.", "Close incident");
      await expect(night.getByText("The orders system needs a limit of its own.").first()).toBeVisible();
    });

    await test.step("settings that somebody changed under the runtime are found and put back", async () => {
      const file = join(world.server.data, "runtimes", runtime, "spec.json");
      const before = agents(world.server.data).get(runtime);
      const spec = JSON.parse(readFileSync(file, "utf8")) as { env: Record<string, string> };
      spec.env.ORDERS_URL = "https://elsewhere.example";
      writeFileSync(file, JSON.stringify(spec));
      // A server that starts looks at once. Three looks, each a minute and more after the one before, make a finding.
      let minutes = 0;
      const look = async (): Promise<void> => {
        world.putForward((minutes += 2));
        await world.server.restart();
      };
      const ops = await world.as(onCall);
      const found = ops.getByRole("row", { name: /Settings differ/ });
      await until("the difference is a finding", 60, async () => {
        await look();
        await world.open(ops, "/findings");
        return (await found.count()) > 0;
      });
      expect(minutes).toBeGreaterThanOrEqual(6);
      await found.getByRole("link").first().click();
      await act(ops, "Put back what was approved…", "Nobody approved another address.", "Put it back");
      await until("it runs anew", 60, () => {
        const now = agents(world.server.data).get(runtime);
        return now !== undefined && now !== before;
      });
      await until("the finding is over", 60, async () => {
        await look();
        await world.open(ops, "/findings?state=open");
        return (await found.count()) === 0;
      });
      // A server that was restarted in the middle of putting it back does that again, and there is no file then for a moment.
      const address = (): string | undefined =>
        existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as typeof spec).env.ORDERS_URL : undefined;
      await until("what was approved runs", 60, () => address() === "https://orders.example");
    });

    await test.step("the role ends by the clock", async () => {
      world.putForward(120);
      const morning = await world.as(onCall);
      await world.open(morning, "/elevations");
      await expect(morning.getByText("You are operator in customer-care", { exact: false })).toHaveCount(0);
      const over = morning.getByRole("table", { name: "What is over, newest first" });
      await expect(over.getByText(/Ended|Expired/).first()).toBeVisible();
    });
  } finally {
    await world.close();
  }
});
