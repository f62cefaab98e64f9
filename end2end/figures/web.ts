// What a first visit costs and how the page answers a click, as the browser measures it, each page with a cold cache.

import type { Page } from "@playwright/test";
import { demo } from "../fixtures/demo.js";
import { expect, signIn, test } from "../fixtures/test.js";

const paths = ["/", "/agents", "/deployments", "/approvals", "/audit", "/approvals/5"];

interface Figures {
  /** Milliseconds since the navigation began. */
  text: number;
  module: number;
  largest: number;
  /** The longest time that the page could not answer, milliseconds. */
  task: number;
  /** How far things moved, without a unit. */
  shift: number;
  /** The slowest answer to a press so far, milliseconds; 0 if all were too fast to be told. */
  press: number;
  /** The document as it is sent, and everything. */
  document: number;
  all: number;
}

/** Notes what the browser tells from the first moment on. */
function observe(): void {
  const kept = { largest: 0, task: 0, shift: 0, press: 0 };
  Object.assign(globalThis, { kept });
  const each = (type: string, note: (entry: PerformanceEntry & { value?: number; hadRecentInput?: boolean }) => void, more = {}): void =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
  each("largest-contentful-paint", (entry) => (kept.largest = entry.startTime));
  each("longtask", (entry) => (kept.task = Math.max(kept.task, entry.duration)));
  each("layout-shift", (entry) => (kept.shift += entry.hadRecentInput ? 0 : (entry.value ?? 0)));
  each("event", (entry) => (kept.press = Math.max(kept.press, entry.duration)), { durationThreshold: 16 });
}

async function figures(page: Page): Promise<Figures> {
  return page.evaluate(() => {
    const kept = (globalThis as unknown as { kept: Pick<Figures, "largest" | "task" | "shift" | "press"> }).kept;
    const [document] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const files = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const module = files.find((file) => file.name.endsWith(".wasm"));
    return {
      ...kept,
      text: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
      module: module?.responseEnd ?? NaN,
      document: document?.transferSize ?? NaN,
      all: files.reduce((sum, file) => sum + file.transferSize, document?.transferSize ?? 0),
    };
  });
}

const ms = (value: number): string => `${Math.round(value)} ms`;
const kB = (value: number): string => `${(value / 1_000).toFixed(1)} kB`;

function tell(what: string, found: Figures): void {
  const cells = [
    `text ${ms(found.text)}`,
    `browser code there ${ms(found.module)}`,
    `largest ${ms(found.largest)}`,
    `longest task ${ms(found.task)}`,
    `moved ${found.shift.toFixed(3)}`,
    `press ${ms(found.press)}`,
    `document ${kB(found.document)}`,
    `all ${kB(found.all)}`,
  ];
  console.log(`${what.padEnd(22)} ${cells.join(", ")}`);
}

test("figures of the web", async ({ page, browser }) => {
  test.setTimeout(300_000);
  const site = await demo();
  try {
    await signIn(page, site.url, "approver@example.com", site.password);
    const storageState = await page.context().storageState();
    for (const path of paths) {
      const context = await browser.newContext({ storageState });
      await context.addInitScript(observe);
      const fresh = await context.newPage();
      await fresh.goto(site.url + path);
      await fresh.waitForFunction(() => performance.getEntriesByType("resource").some((file) => file.name.endsWith(".wasm")));
      tell(path, await figures(fresh));
      if (path === "/approvals/5") {
        const form = fresh.getByRole("complementary", { name: "Your decision" });
        await form.getByRole("checkbox", { name: /refunds:write/ }).check();
        await form.getByRole("button", { name: "Approve deployment" }).click();
        await expect(fresh.getByText("Approved. The deployment goes on by itself.")).toBeVisible();
        tell("approve, by a click", await figures(fresh));
      }
      await context.close();
    }
  } finally {
    await site.close();
  }
});
