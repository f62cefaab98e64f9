// A running agent calls a resource that only agents with clearance reach, under its own identity; what it did is on record
// with version, deployment and approval; and from the moment that somebody stops its identity the resource says no.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demo } from "../fixtures/demo.js";
import { until } from "../fixtures/server.js";
import { expect, signIn, test } from "../fixtures/test.js";
import { send } from "../fixtures/world.js";

const client = "refund-assistant-2";
const question = "Until when can I return order 10482?";
const known = "blue canvas shoes";
const rounds = 100;
/** What the product promises, milliseconds. */
const promised = 5_000;

/** Asks the agent at its own address, as whoever uses it. */
async function ask(data: string, prompt = question): Promise<string> {
  const state = readFileSync(join(data, "runtimes", "clearance-2", "state.json"), "utf8");
  const { port } = JSON.parse(state) as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}/invocations`, { method: "POST", body: JSON.stringify({ prompt }) });
  return ((await answer.json()) as { result: string }).result;
}

test("an agent's calls are on record, and end with its identity", async ({ page }) => {
  test.setTimeout(360_000);
  const server = await demo();
  try {
    await signIn(page, server.url, "operator@example.com", server.password);

    await test.step("what it did stands in its log, under which version, deployment and approval", async () => {
      expect(await ask(server.data)).toContain(known);
      expect(await ask(server.data, "Please cancel order 10497.")).toContain("not allowed");
      await page.goto(`${server.url}/agents/refund-assistant/access?identity=${client}`);
      const line = page.getByRole("row").filter({ hasText: "order/10482" }).first();
      await expect(line).toContainText("v1.0.0");
      await expect(line.getByRole("link", { name: /#2/ }).first()).toBeVisible();
      const refused = page.getByRole("row").filter({ hasText: "order/10497" }).first();
      await expect(refused).toContainText(/refused/i);
    });

    await test.step("what it can reach is drawn and listed", async () => {
      await page.goto(`${server.url}/agents/refund-assistant/reach`);
      await expect(page.getByRole("region", { name: "Drawing of what it can reach" })).toBeVisible();
      await page.getByRole("table", { name: "Resources" }).getByRole("link", { name: "orders" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "orders" })).toBeVisible();
    });

    await test.step("somebody suspends it by a click, and lets it act again", async () => {
      await page.goto(`${server.url}/identities/${client}`);
      await page.getByText("Suspend for now…").click();
      await page.locator("details", { hasText: "Suspend for now…" }).getByLabel("Reason").fill("It reads orders that nobody asked about.");
      await page.getByRole("button", { name: "Suspend identity" }).click();
      await expect(page.getByText("It is suspended", { exact: false })).toBeVisible();
      expect(await ask(server.data)).not.toContain(known);
      await page.getByText("Let it act again…").click();
      await page.locator("details", { hasText: "Let it act again…" }).getByLabel("Reason").fill("A customer had asked about them.");
      await page.getByRole("button", { name: "Let it act again" }).click();
      await until("it can act again", 20, async () => (await ask(server.data)).includes(known));
    });

    await test.step("it is given another key, and goes on with it", async () => {
      const file = join(server.data, "identities", `${client}.jwk`);
      const before = readFileSync(file, "utf8");
      await page.goto(`${server.url}/identities/${client}`);
      await page.getByText("Give it another key…").click();
      const form = page.locator("details", { hasText: "Give it another key…" });
      await form.getByLabel("Reason").fill("The key was in a support ticket.");
      await form.getByRole("button", { name: "Give it another key" }).click();
      await until("the key is another", 20, () => readFileSync(file, "utf8") !== before);
      // The rounds that follow make it get a new token each, with the new key.
    });

    await test.step(`${rounds} times over, the next call is refused within five seconds`, async () => {
      const taken: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await until("it can act", 20, async () => (await ask(server.data)).includes(known));
        const form = { client_id: client, reason: `Round ${round + 1} of the exercise` };
        const begun = performance.now();
        await send(page, "/rpc/identities/suspend", form);
        await until("its call is refused", promised / 1_000, async () => !(await ask(server.data)).includes(known));
        taken.push(performance.now() - begun);
        await send(page, "/rpc/identities/resume", form);
      }
      taken.sort((a, b) => a - b);
      const at = (share: number): string => `${Math.round(taken[Math.ceil(share * rounds) - 1] ?? NaN)} ms`;
      const figures = `click to refusal, ${rounds} times: p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`;
      test.info().annotations.push({ type: "figures", description: figures });
      console.log(figures);
      expect(taken).toHaveLength(rounds);
      expect(taken.at(-1)).toBeLessThan(promised);
    });

    await test.step("once it is revoked nothing brings it back", async () => {
      await until("it can act", 20, async () => (await ask(server.data)).includes(known));
      await send(page, "/rpc/identities/revoke", { client_id: client, reason: "It exports customer records at night" });
      expect(await ask(server.data)).not.toContain(known);
      await send(page, "/rpc/identities/resume", { client_id: client, reason: "Let it act again, please" });
      expect(await ask(server.data)).toContain("I have no identity");
    });
  } finally {
    await server.close();
  }
});
