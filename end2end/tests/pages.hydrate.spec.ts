// Every page, light, dark and on a phone: no barrier that axe knows of, nothing to scroll sideways, nothing that the
// content security policy refused. A page is opened once and looked at in every form.

import type { Page } from "@playwright/test";
import { type Demo, demo } from "../fixtures/demo.js";
import { takeEvidence } from "../fixtures/evidence.js";
import { background, fits, hasNoBarrier } from "../fixtures/look.js";
import { expect, signIn, test } from "../fixtures/test.js";

let site: Demo;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await demo();
});
test.afterAll(() => site?.close());

async function open(page: Page, path: string): Promise<void> {
  await page.goto(site.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** What is open, in every form, with a picture of each for people to look at: `name` begins their files. */
async function look(page: Page, name: string): Promise<void> {
  const keep = (form: string) => page.screenshot({ path: test.info().outputPath(`${name}-${form}.png`), animations: "disabled" });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
  await hasNoBarrier(page, "light");
  const light = await background(page);
  await keep("light");
  await page.emulateMedia({ colorScheme: "dark" });
  // The new colours are drawn some frames later, and axe reads what is drawn.
  await expect.poll(() => background(page)).not.toBe(light);
  await hasNoBarrier(page, "dark", ["color-contrast"]);
  await keep("dark");
  await fits(page, 390);
  await hasNoBarrier(page, "on a phone", ["color-contrast", "target-size", "scrollable-region-focusable", "label"]);
  await keep("phone");
  await fits(page, 320);
}

test("evidence is taken away and verified elsewhere", async ({ page }) => {
  await signIn(page, site.url, "auditor@example.com", site.password);
  await takeEvidence(page, site.url, 1);
});

test("the way in has no barrier", async ({ page }) => {
  await open(page, "/sign-in");
  await look(page, "sign-in");
});

for (const [person, paths] of [
  [
    "approver@example.com",
    [
      "/",
      "/agents",
      "/agents?q=nothing",
      "/agents?status=production&status=never&sort=-name",
      "/agents/new",
      "/agents/refund-assistant",
      "/agents/refund-assistant/evaluation",
      "/agents/refund-assistant/setup",
      "/agents/nobody",
      "/deployments",
      "/deployments/2",
      "/deployments/3",
      "/deployments/3/evaluation",
      "/deployments/4/evaluation",
      "/deployments/5",
      "/approvals",
      "/approvals/2",
      "/approvals/5",
      "/audit",
      "/audit/3",
      "/audit?agent=refund-assistant&outcome=done&from=2001-01-01",
      "/audit?agent=nobody&outcome=refused",
      "/search",
      "/search?q=refund",
      "/search?q=nothing-is-called-so",
      "/keyboard",
      "/help",
      "/help/operating",
      "/help/nothing",
      "/find",
      "/find?id=refund-assistant-2",
      "/connections",
      "/settings",
      "/no/such/page",
    ],
  ],
  ["admin@example.com", ["/agents?column=owner,labels", "/settings", "/connections", "/policies", "/policies/1", "/policies/new", "/policies/calendar", "/waivers", "/engines", "/engines/coverage", "/compliance", "/compliance/soc2", "/compliance/packages", "/compliance/schedules", "/suites/check", "/agents/refund-assistant/suites", "/deployments/2/online", "/agents/refund-assistant", "/deployments/5", "/settings/service-accounts", "/settings/tokens", "/settings/legal-holds", "/reviews", "/segregation", "/performance", "/performance?from=yesterday", "/settings/directory", "/agents?as_of=2030-01-01", "/agents/refund-assistant?as_of=2030-01-01", "/identities/refund-assistant-2?as_of=2030-01-01", "/policies?as_of=2030-01-01"]],
  ["operator@example.com", ["/identities", "/identities/refund-assistant-2", "/identities?state=revoked", "/scopes", "/agents/refund-assistant/access", "/agents/refund-assistant/reach", "/agents/refund-assistant/reach?environment=non_prod", "/agents/refund-assistant/card", "/agents/refund-assistant/versions", "/agents/refund-assistant/versions?from=1.0.0&to=1.1.0", "/registry/similar", "/registry/comparison", "/registry/comparison?one=refund-assistant&other=refund-assistant", "/tools", "/tools?kind=server", "/resources", "/resources/orders", "/findings", "/findings/1", "/incidents", "/notifications", "/elevations", "/settings/passkeys", "/settings/sessions"]],
] as const) {
  test(`no page has a barrier for ${person}`, async ({ page }) => {
    // It only bounds a crawl that hangs.
    test.setTimeout(60_000 + paths.length * 15_000);
    await signIn(page, site.url, person, site.password);
    for (const path of paths) {
      await open(page, path);
      await look(page, path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "overview");
    }
  });
}
