// Pictures of pages as their people see them. A page that changed has its picture taken anew; nothing is drawn by hand.

import { join } from "node:path";
import { type Demo, demo } from "../fixtures/demo.js";
import { expect, signIn, test } from "../fixtures/test.js";

interface Picture {
  /** Of the file in docs/images, without its ending. */
  readonly name: string;
  readonly path: string;
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
}

const pictures: Record<string, readonly Picture[]> = {
  "approver@example.com": [
    { name: "overview", path: "/" },
    { name: "approval", path: "/approvals/5", height: 1_000 },
    { name: "approval-phone", path: "/approvals/5", colorScheme: "dark", width: 390, height: 844 },
    // Below are the pushes, which name where this demo's repository lies.
    { name: "agent", path: "/agents/refund-assistant", height: 570 },
    { name: "agent-card", path: "/agents/refund-assistant/card" },
    { name: "evaluation", path: "/deployments/3/evaluation" },
    { name: "event", path: "/audit/3" },
  ],
  "admin@example.com": [
    { name: "compliance", path: "/compliance/soc2" },
    { name: "policy", path: "/policies/1" },
    { name: "registry", path: "/agents?column=production,non_prod,team,owner,risk,labels" },
  ],
  "operator@example.com": [
    { name: "reach", path: "/agents/refund-assistant/reach" },
    { name: "identity", path: "/identities/refund-assistant-2" },
  ],
};

let site: Demo;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

for (const [person, all] of Object.entries(pictures)) {
  test(`pictures for ${person}`, async ({ page }) => {
    test.setTimeout(60_000 + all.length * 15_000);
    await signIn(page, site.url, person, site.password);
    for (const { name, path, colorScheme = "light", width = 1_280, height = 800 } of all) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.goto(site.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(import.meta.dirname, "../../docs/images", `${name}.png`), animations: "disabled" });
    }
  });
}
