// The pictures of README and docs, taken of the demo: cargo xtask pictures

import { defineConfig } from "@playwright/test";
import journeys from "./playwright.config.js";

export default defineConfig({
  ...journeys,
  testDir: "pictures",
  projects: [{ name: "pictures", testMatch: /\.ts$/ }],
});
