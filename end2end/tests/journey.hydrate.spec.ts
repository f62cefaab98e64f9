// The whole path by clicks, as its people walk it: from an empty installation to a decommissioned agent. The steps build
// on each other, so they are one journey.

import type { BrowserContext, Page } from "@playwright/test";
import { expect, signIn, test, watch } from "../fixtures/test.js";
import { type Push, Repository, deliver } from "../fixtures/git.js";
import { type Server, agents, start, until } from "../fixtures/server.js";
import { firstRun, password, reaches } from "../fixtures/world.js";

async function open(page: Page, server: Server, path: string): Promise<void> {
  await page.goto(server.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

test("an agent goes from its repository to production and back", async ({ page, browser, trouble }) => {
  test.setTimeout(240_000);
  const server = await start(["serve"]);
  let approverContext: BrowserContext | undefined;
  try {
    let webhook = { path: "", secret: "" };
    const repository = new Repository(server.data, "refund-assistant-source");
    const push = async (made: Push): Promise<void> => {
      expect(await deliver(server.url, webhook.path, webhook.secret, repository, made)).toBe(202);
    };

    await test.step("the first administrator is made", async () => {
      await firstRun(page, server.url);
    });

    await test.step("a team and an approver are added", async () => {
      await open(page, server, "/settings");
      const teams = page.getByRole("region", { name: "Teams" });
      await teams.getByText("Create a team").click();
      await teams.getByLabel("Name", { exact: true }).fill("Customer care");
      await teams.getByLabel("Short name").fill("customer-care");
      await teams.getByRole("button", { name: "Create team" }).click();
      await expect(teams.getByRole("row", { name: /Customer care/ })).toBeVisible();
      const people = page.getByRole("region", { name: "People" });
      await people.getByText("Add a person").click();
      const add = people.locator("form").filter({ has: page.getByRole("button", { name: "Add person" }) });
      await add.getByLabel("Name", { exact: true }).fill("Ben Approver");
      await add.getByLabel("Work e-mail").fill("approver@example.com");
      await add.getByLabel("Role", { exact: true }).selectOption("Approver");
      await add.getByLabel("First password").fill(password);
      await add.getByRole("button", { name: "Add person" }).click();
      await expect(people.getByRole("row", { name: /approver@example.com/ })).toBeVisible();
    });

    await test.step("a git host is connected, and its secret is shown once", async () => {
      await open(page, server, "/connections");
      const form = page.getByRole("region", { name: "Connect a git host" });
      await form.getByLabel("Name", { exact: true }).fill("Acme on GitHub");
      await form.getByLabel("Short name").fill("acme");
      await form.getByRole("button", { name: "Connect git host" }).click();
      const made = page.getByRole("status").filter({ hasText: "is connected" });
      await expect(made).toBeVisible();
      const [path = "", secret = ""] = await made.locator("code").allTextContents();
      webhook = { path, secret };
      expect(path).toBe("/webhooks/github/acme");
      expect(secret).toMatch(/^[0-9a-f]{64}$/);
      await page.reload();
      await expect(page.getByRole("row", { name: /Acme on GitHub/ })).toBeVisible();
      await expect(page.getByText(secret)).toHaveCount(0);
    });

    await test.step("the agent is onboarded", async () => {
      await open(page, server, "/agents/new");
      await page.getByLabel("Name", { exact: true }).fill("refund-assistant");
      await page.getByLabel("Team").selectOption("Customer care");
      await page.getByLabel("Connection").selectOption({ index: 0 });
      await page.getByLabel("Repository").fill(repository.path);
      await page.getByRole("button", { name: "Register agent" }).click();
      await expect(page).toHaveURL(/\/agents\/refund-assistant/);
      await expect(page.getByText("Nothing runs yet")).toBeVisible();
    });

    await test.step("an unsigned push is refused", async () => {
      const first = repository.commit("Add the agent", "refund-assistant");
      expect(await deliver(server.url, webhook.path, "not the secret", repository, first)).toBe(401);
      await push(first);
    });

    await test.step("the gates run while somebody watches, and non-prod goes live", async () => {
      await expect(page.getByRole("link", { name: "#1", exact: true })).toBeVisible({ timeout: 30_000 });
      await page.getByRole("link", { name: "#1", exact: true }).click();
      const stages = page.getByRole("list", { name: "Stages" });
      for (const gate of ["Static analysis", "Image scan", "Responsible AI", "Hallucination", "Relevance and quality"]) {
        await expect(stages.getByText(gate)).toBeAttached();
      }
      await reaches(page, 1, "Live");
      await open(page, server, "/deployments/2");
      await reaches(page, 2, /Awaiting approval/);
    });

    approverContext = await browser.newContext();
    watch(approverContext, trouble);
    const approver = await approverContext.newPage();
    await signIn(approver, server.url, "approver@example.com", password);

    const approve = async (number: number, version: string, scope: string): Promise<void> => {
      await open(approver, server, "/approvals");
      const yours = approver.getByRole("region", { name: "Waiting for you" });
      await yours.getByRole("link", { name: `refund-assistant v${version}` }).click();
      await expect(approver).toHaveURL(new RegExp(`/approvals/${number}$`));
      await expect(approver.getByRole("heading", { name: `Deploy refund-assistant v${version} to production?` })).toBeVisible();
      await approver.getByRole("checkbox", { name: new RegExp(`I accept the 1 added scope: ${scope}`) }).check();
      await approver.getByRole("button", { name: "Approve deployment" }).click();
      await expect(approver.getByText("Approved. The deployment goes on by itself.")).toBeVisible();
      await reaches(page, number, "Live");
    };

    await test.step("the approver sees what is asked and approves it", () => approve(2, "1.0.0", "orders:read"));

    await test.step("the agent that runs in production answers", async () => {
      await open(page, server, "/agents/refund-assistant");
      await expect(page.getByText("v1.0.0 live in production")).toBeVisible();
      const ask = page.getByRole("region", { name: "Ask this agent" });
      await ask.getByLabel("Environment").selectOption("Production, v1.0.0");
      await ask.getByLabel("Question").fill("How long does a refund take?");
      await ask.getByRole("button", { name: "Ask" }).click();
      await expect(ask.getByText("refund-assistant v1.0.0 in Production, deployment #2, authorised under approval #2")).toBeVisible();
      await expect(ask.getByText(/Answered 200/)).toBeVisible();
    });

    const before = agents(server.data).get("clearance-2");
    expect(before).toBeDefined();

    await test.step("a bad push fails, is cleaned up with a receipt, and leaves what is live alone", async () => {
      await push(repository.commit("Evaluate the answer of the model", "overlays/refund-assistant-insecure"));
      await until("deployment #3 is there", 30, async () => (await page.request.get(`${server.url}/deployments/3`)).ok());
      await open(page, server, "/deployments/3");
      await reaches(page, 3, "Cleaned up, 0 left");
      await expect(page.getByText("Static analysis:", { exact: false }).first()).toBeVisible();
      await expect(page.getByText(/Receipt: (\d+) created, \1 gone, 0 left\./)).toBeVisible();
      await open(page, server, "/agents/refund-assistant");
      await expect(page.getByText("v1.0.0 live in production")).toBeVisible();
      expect(agents(server.data).get("clearance-2")).toBe(before);
    });

    await test.step("the next version asks for its added scope and goes live", async () => {
      await push(repository.commit("Open refunds for customers", "overlays/refund-assistant-next"));
      await until("deployment #5 is there", 90, async () => (await page.request.get(`${server.url}/deployments/5`)).ok());
      await open(page, server, "/deployments/5");
      await reaches(page, 5, /Awaiting approval/);
      await approve(5, "1.1.0", "refunds:write");
    });

    await test.step("one click and a reason bring the version before back", async () => {
      await page.getByText("Roll back production from v1.1.0 to v1.0.0…").click();
      await page.getByRole("textbox", { name: "Reason" }).fill("Refunds were opened for orders that were not late.");
      await page.getByRole("button", { name: "Roll back to v1.0.0" }).click();
      await expect(page).toHaveURL(/\/deployments\/5\/rollback/);
      await expect(page.getByText("all five parts are restored")).toBeVisible({ timeout: 60_000 });
      await open(page, server, "/deployments/6");
      await reaches(page, 6, "Live");
      await open(page, server, "/agents/refund-assistant");
      await expect(page.getByText("v1.0.0 live in production")).toBeVisible();
      await expect(page.getByText("Held after rollback").first()).toBeVisible();
    });

    await test.step("the server is killed and comes back; what runs did not notice", async () => {
      const running = agents(server.data);
      await server.restart();
      expect(agents(server.data)).toEqual(running);
      await open(page, server, "/agents/refund-assistant");
      await expect(page.getByText("v1.0.0 live in production")).toBeVisible();
    });

    await test.step("the agent is decommissioned, and nothing runs any more", async () => {
      await page.getByText("Decommission this agent…").click();
      await page.getByRole("textbox", { name: "Reason" }).fill("The journey is over.");
      await page.getByRole("button", { name: "Decommission refund-assistant" }).click();
      await expect(page.getByText("Agent decommissioned.")).toBeVisible();
      await until("every runtime is gone", 30, () => agents(server.data).size === 0);
    });

    await test.step("every step is in the audit trail, and its proof holds", async () => {
      for (const [action, words] of [
        ["agent_onboarded", "Agent onboarded"],
        ["version_cut", "Version cut"],
        ["gate_settled", "Gate settled"],
        ["approval_decided", "Approval decided"],
        ["agent_invoked", "Agent asked from the console"],
        ["receipt_written", "Clean-up receipt written"],
        ["rolled_back", "Rolled back"],
        ["hold_set", "Hold set"],
        ["agent_decommissioned", "Agent decommissioned"],
      ] as const) {
        await open(page, server, `/audit?agent=refund-assistant&action=${action}`);
        const events = page.getByRole("table", { name: "Events, newest first" });
        await expect(events.getByText(words).first()).toBeVisible();
        await events.getByRole("rowheader").first().getByRole("link").click();
        await expect(page.getByText("Included, verified").first()).toBeVisible();
      }
    });
  } finally {
    await approverContext?.close();
    await server.close();
  }
});
