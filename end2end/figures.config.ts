// Figures of pages in a real browser: node node_modules/@playwright/test/cli.js test --config figures.config.ts
// They say as much about the machine as about the program, so no check depends on them.

import { defineConfig } from "@playwright/test";
import journeys from "./playwright.config.js";

export default defineConfig({
  ...journeys,
  testDir: "figures",
  projects: [{ name: "figures", testMatch: /\.ts$/ }],
});
