// Journeys in a real browser, against the program that was built. Each file starts a server of its own.
//
// *.hydrate.spec.ts runs with JavaScript, the other *.spec.ts without: reading and deciding do not depend on it.
// The browser is the system's Chromium (CHROMIUM_PATH); nothing is downloaded.

import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";

function chromium(): string {
  const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
  if (!known) throw new Error("no Chromium found: install it, or set CHROMIUM_PATH to its program");
  return known;
}

const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Chromium's sandbox refuses to run as root.
const args = process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet;

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: false,
  workers: 1, // the servers run real agents; two at a time would fight for the processor
  retries: 0, // a flaky journey is a defect
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // xtask reads the JSON results; its path is PLAYWRIGHT_JSON_OUTPUT_NAME.
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
  use: {
    actionTimeout: 20_000,
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM_PATH ?? chromium(), args },
  },
  projects: [
    { name: "with JavaScript", testMatch: /\.hydrate\.spec\.ts$/ },
    { name: "without JavaScript", testMatch: /(?<!\.hydrate)\.spec\.ts$/, use: { javaScriptEnabled: false } },
  ],
});
