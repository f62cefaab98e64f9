// Starts the built server on a free port with an empty data folder, and runs every journey against it.
//
// *.spec.ts runs twice, with JavaScript off and on: what a page says and decides does not depend on it.
// *.hydrate.spec.ts runs with JavaScript only.
// The browser is the system's Chromium (CHROMIUM_PATH); nothing is downloaded.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defineConfig, devices } from "@playwright/test";

// The workers read this file again: what is chosen here once reaches them through the environment.
function once(name: string, choose: () => string): string {
  return (process.env[name] ??= choose());
}

function freePort(): string {
  const script = "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })";
  return execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }).trim();
}

function chromium(): string {
  const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
  if (!known) throw new Error("no Chromium found: install it, or set CHROMIUM_PATH to its program");
  return known;
}

const port = once("CLEARANCE_E2E_PORT", freePort);
const data = once("CLEARANCE_E2E_DATA_DIR", () => mkdtempSync(join(tmpdir(), "clearance-e2e-")));
const server = once("CLEARANCE_BIN", () => resolve(import.meta.dirname, "../target/debug/clearance"));
const browser = once("CHROMIUM_PATH", chromium);
const url = `http://127.0.0.1:${port}`;

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
  globalTeardown: "./fixtures/teardown.ts",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: false,
  workers: 1, // one server, one database: a journey must not meet another's data
  retries: 0, // a flaky journey is a defect
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // xtask reads the JSON results; its path is PLAYWRIGHT_JSON_OUTPUT_NAME.
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: browser, args },
  },
  projects: [
    { name: "without JavaScript", testMatch: /(?<!\.hydrate)\.spec\.ts$/, use: { javaScriptEnabled: false } },
    { name: "with JavaScript", testMatch: /\.spec\.ts$/ },
  ],
  webServer: {
    command: `"${server}" serve`,
    url: `${url}/health/ready`,
    reuseExistingServer: false,
    timeout: 60_000,
    stdout: "ignore",
    stderr: "pipe",
    gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
    env: {
      CLEARANCE_ADDR: `127.0.0.1:${port}`,
      CLEARANCE_BASE_URL: url,
      CLEARANCE_DATA_DIR: data,
    },
  },
});
