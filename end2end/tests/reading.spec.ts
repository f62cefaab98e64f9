// Without JavaScript: every page reads, and whoever may decide can decide.

import { type Demo, demo } from "../fixtures/demo.js";
import { takeEvidence } from "../fixtures/evidence.js";
import { labelAgents } from "../fixtures/labels.js";
import { expect, signIn, test } from "../fixtures/test.js";
import { until } from "../fixtures/server.js";

test.describe.configure({ mode: "serial" });

let site: Demo;
/** When version 1.0.0 was still live in production. */
let before: Date;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

test("pages read", async ({ page }) => {
  await signIn(page, site.url, "viewer@example.com", site.password);
  const heading = page.getByRole("heading", { level: 1 });
  await page.getByRole("link", { name: "Registry" }).click();
  await page.getByRole("link", { name: "refund-assistant", exact: true }).first().click();
  await expect(heading).toContainText("refund-assistant");
  await expect(page.getByText("v1.0.0 live in production")).toBeVisible();

  await page.goto(`${site.url}/deployments/3`);
  await expect(page.getByText("Cleaned up, 0 left").first()).toBeVisible();
  await expect(page.getByText(/Receipt: (\d+) created, \1 gone, 0 left\./)).toBeVisible();
  await page.getByRole("link", { name: "Evaluation report" }).click();
  await expect(heading).toBeVisible();

  await page.goto(`${site.url}/deployments/1`);
  await expect(page.getByRole("list", { name: "Stages" }).getByText("Static analysis")).toBeVisible();
  await expect(page.getByRole("log")).toContainText("is live in Non-prod");
});

test("who touched a resource is read with the approval behind it", async ({ page }) => {
  await signIn(page, site.url, "viewer@example.com", site.password);
  await page.getByRole("link", { name: "Resources", exact: true }).click();
  await page.getByRole("link", { name: "orders", exact: true }).click();
  const lines = page.getByRole("table", { name: "Access events, the newest act first" }).getByRole("row");
  const approved = lines.filter({ hasText: "orders:read" }).filter({ hasText: "approval #2" });
  await expect(approved.first()).toContainText("refund-assistant v1.0.0");
  await page.getByLabel("Outcome").selectOption("Refused");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(lines.filter({ hasText: "orders:write" })).toContainText("Out of scope");
  await expect(lines.filter({ hasText: "orders:read" })).toHaveCount(0);
  await page.goto(`${site.url}/approvals/5`);
  await expect(page.getByRole("row", { name: /refunds:write/ }).first()).toContainText("Opens a refund of up to 200 euros");
});

test("a viewer is told why there is nothing to decide", async ({ page }) => {
  await signIn(page, site.url, "viewer@example.com", site.password);
  await page.goto(`${site.url}/approvals/5`);
  await expect(page.getByText("You do not have the approver role in this team.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve deployment" })).toHaveCount(0);
});

test("whoever wrote the commit cannot approve it", async ({ page }) => {
  // The administrator gives the author of the demo's commits the right to approve: the rule holds all the same.
  await signIn(page, site.url, "developer@example.com", site.password);
  await page.goto(`${site.url}/approvals/5`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Deploy refund-assistant v1.1.0 to production?");
  await expect(page.getByRole("button", { name: "Approve deployment" })).toHaveCount(0);
});

test("an approver reads the difference and approves", async ({ page }) => {
  test.setTimeout(90_000);
  before = new Date();
  await signIn(page, site.url, "approver@example.com", site.password);
  await page.getByRole("link", { name: /^Approvals/ }).click();
  const yours = page.getByRole("region", { name: "Waiting for you" });
  await yours.getByRole("link", { name: "refund-assistant v1.1.0" }).click();
  await expect(page.getByRole("table", { name: "What changes" }).getByRole("row", { name: /refunds:write/ }).first()).toContainText("Added");

  // Without the tick the browser keeps the form; what is posted all the same is refused with the same words.
  const form = page.getByRole("complementary", { name: "Your decision" });
  await form.getByRole("checkbox", { name: /refunds:write/ }).check();
  await form.getByLabel("Comment").fill("Read without script.");
  await form.getByRole("button", { name: "Approve deployment" }).click();
  await expect(page.getByText("Approved. The deployment goes on by itself.")).toBeVisible();

  await until("version 1.1.0 is live", 60, async () => {
    await page.goto(`${site.url}/agents/refund-assistant`);
    return (await page.getByText("v1.1.0 live in production").count()) > 0;
  });
});

test("evidence is taken away and verified elsewhere", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  await takeEvidence(page, site.url, 5);

  // A change of the filters is an address, and works without script.
  await page.getByRole("form", { name: "Filter cases" }).getByLabel("Result").selectOption("Failed");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/result=failed/);
  await expect(page.getByText(/None of its \d+ cases? matches the filters/).first()).toBeVisible();
});

test("a team lead sees by what an agent is judged, and looks at a suite before it is committed", async ({ page }) => {
  await signIn(page, site.url, "developer@example.com", site.password);
  await page.goto(`${site.url}/agents/refund-assistant`);
  await page.getByRole("link", { name: "Suites" }).click();
  const relevance = page.getByRole("region", { name: "Relevance and quality" });
  await expect(relevance.getByRole("rowheader")).toContainText("evaluation/relevance.jsonl");
  await page.getByRole("link", { name: "Check a suite" }).click();

  await page.getByLabel("File name").fill("math.evals.jsonl");
  const lines = Array.from({ length: 3 }, (_, at) => JSON.stringify({ input: `What is ${at}?`, ideal: `${at}` }));
  await page.getByLabel("Text").fill(lines.join("\n"));
  await page.getByRole("button", { name: "Check suite" }).click();
  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText("Read as: OpenAI evals");
  await expect(result).toContainText("3 cases");
  await expect(page.getByLabel("Text")).toHaveValue(/What is 2/);

  await page.getByLabel("Text").fill("{oops");
  await page.getByRole("button", { name: "Check suite" }).click();
  await expect(page.getByRole("region", { name: "Result" })).toContainText("Cannot be read");
});

test("what judges is shown, with the risks that nothing tests", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  await page.getByRole("link", { name: "Engines" }).click();
  const installed = page.getByRole("table", { name: "Engines of the gates" });
  await expect(installed.getByRole("row", { name: /clearance-scanning/ }).first()).toContainText("Ready");
  await expect(page.getByRole("table", { name: "What the embedded engines were measured to do" })).toContainText("WiCE");
  await page.getByRole("link", { name: "Risks and their checks" }).click();
  await expect(page.getByRole("row", { name: /LLM08/ })).toContainText("By nothing here");
});

test("a decision is in the audit trail with its proof", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  await page.goto(`${site.url}/audit?action=approval_decided`);
  const events = page.getByRole("table", { name: "Events, newest first" });
  await events.getByRole("rowheader").first().getByRole("link").click();
  await expect(page.getByText("Read without script.").first()).toBeVisible();
  await expect(page.getByText("Included, verified").first()).toBeVisible();
});

test("an id from another log leads to its approval, and a narrowed list is kept under a name", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  await page.goto(`${site.url}/audit`);
  await page.getByLabel("Id from another log").fill("refund-assistant-2");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await expect(page.getByRole("table", { name: "What it is" }).getByRole("row", { name: /Identity/ }).first()).toContainText("refund-assistant");
  const deployments = page.getByRole("table", { name: "Deployments, newest first" });
  await deployments.getByRole("row", { name: /#2/ }).getByRole("link", { name: "#2" }).last().click();
  await page.getByRole("link", { name: "History" }).click();
  const events = page.getByRole("table", { name: "Events, newest first" });
  await expect(events.getByText("Approval decided").first()).toBeVisible();

  await page.getByRole("form", { name: "Filters" }).getByLabel("Words").fill("decided");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/q=decided/);
  await page.getByLabel("Keep these filters as").fill("Decisions about #2");
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(page.getByText("View saved.")).toBeVisible();
  await events.getByRole("rowheader").first().getByRole("link").click();
  await page.getByRole("link", { name: "Back to the list" }).click();
  await page.goto(`${site.url}/audit`);
  await page.getByRole("navigation", { name: "Saved views" }).getByRole("link", { name: "Decisions about #2" }).click();
  await expect(page).toHaveURL(/object=approval/);
});

test("agents are labelled in one go, and a label leads to all that have it", async ({ page }) => {
  await signIn(page, site.url, "admin@example.com", site.password);
  await labelAgents(page, site.url, ["gdpr"]);
});

test("an auditor goes back to a moment, and from there to the proof", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  await page.goto(`${site.url}/agents/refund-assistant?as_of=${before.toISOString()}`);
  await expect(page.getByText("As it was at")).toBeVisible();
  const production = page.getByRole("region", { name: "Production" });
  await expect(production).toContainText("1.0.0");
  await expect(production).toContainText("approved");
  await expect(production.getByRole("row", { name: /Image scan/ })).toContainText("Passed");
  await production.getByRole("link", { name: /^event \d+$/ }).first().click();
  await expect(page.getByText("Included, verified").first()).toBeVisible();

  await page.goto(`${site.url}/agents`);
  await page.getByRole("region", { name: "At another time" }).getByLabel("As of, UTC").fill("2001-01-01T00:00");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Registry as it was");
  await expect(page.getByText("No agent was registered then")).toBeVisible();
  await page.goto(`${site.url}/agents?as_of=yesterday`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});
