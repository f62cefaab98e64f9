// Every component in every state, in every form that a reader may choose. What is drawn is not compared with a picture, which would
// say as much about the fonts of a machine: components are there, are not empty, reach out of nothing and are cut off nowhere, and
// light and dark differ in their colours alone. The pictures beside the results are for people.

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { background, fits, hasNoBarrier } from "../fixtures/look.js";
import { type Server, start } from "../fixtures/server.js";
import { expect, test } from "../fixtures/test.js";
import { firstRun } from "../fixtures/world.js";

const source = resolve(import.meta.dirname, "../../app/src/ui");
let site: Server;

test.beforeAll(async () => {
  site = await start(["serve"]);
});
test.afterAll(() => site?.close());

/** The names of all components that pages are made of. */
function components(): string[] {
  const files = readdirSync(source).filter((name) => name.endsWith(".rs"));
  const texts = files.map((name) => readFileSync(join(source, name), "utf8"));
  return texts.flatMap((text) => [...text.matchAll(/#\[component\]\npub\(crate\) fn (\w+)/g)].map(([, name]) => name ?? ""));
}

/** What is empty, reaches out of its place or is cut off. */
async function wrong(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const hidden = ".vh, [hidden], svg, option, script, template, [data-island] > script, details:not([open]) > :not(summary)";
    for (const spec of document.querySelectorAll<HTMLElement>("[data-shows]")) {
      const name = spec.dataset.shows ?? "";
      const place = spec.getBoundingClientRect();
      if (place.width < 40 || place.height < 16 || !spec.innerText.trim()) found.push(`${name}: empty`);
      for (const element of spec.querySelectorAll<HTMLElement>("*")) {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        // The heads of records are for those who do not see them.
        if (element.closest(hidden) || style.clipPath !== "none" || (box.width === 0 && box.height === 0)) continue;
        const what = `${name}: ${element.tagName.toLowerCase()}.${element.className}`;
        // What scrolls by itself may be wider inside.
        const scrolls = element.parentElement?.closest(".scroll, .diff--box, .facet, .code");
        const inside = box.left >= place.left - 1 && box.right <= place.right + 1;
        if (!scrolls && !inside) found.push(`${what}: reaches out, ${Math.round(box.left)} to ${Math.round(box.right)}`);
        const cuts = (how: string) => how === "hidden" || how === "clip";
        if (style.textOverflow !== "ellipsis" && cuts(style.overflowX) && element.scrollWidth > element.clientWidth + 1) found.push(`${what}: cut off`);
        if (cuts(style.overflowY) && element.scrollHeight > element.clientHeight + 1) found.push(`${what}: cut off below`);
      }
    }
    return found;
  });
}

/** Where every element of the components is, to half a pixel. */
async function geometry(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const round = (value: number) => Math.round(value * 2) / 2;
    return [...document.querySelectorAll<HTMLElement>("[data-shows] *")].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return `${element.tagName}.${element.getAttribute("class")} ${[x, y + scrollY, width, height].map(round).join(" ")}`;
    });
  });
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage: true });
}

test("every component stands as it should, in every form", async ({ page }) => {
  test.setTimeout(300_000);
  await firstRun(page, site.url);
  await page.goto(`${site.url}/styleguide`);
  await expect(page.getByRole("heading", { level: 1, name: "Components and states" })).toBeVisible();
  await page.evaluate(() => document.fonts.ready);

  await test.step("none is missing", async () => {
    const shown = await page.locator("[data-shows]").evaluateAll((all) => all.flatMap((one) => (one as HTMLElement).dataset.shows?.split(" ") ?? []));
    expect(components().length).toBeGreaterThan(30);
    expect(components().filter((name) => !shown.includes(name))).toEqual([]);
    for (const link of await page.getByRole("navigation", { name: "Groups of components" }).getByRole("link").all()) {
      const anchor = (await link.getAttribute("href")) ?? "";
      await expect(page.locator(anchor).getByRole("heading", { level: 2 }).first()).toBeVisible();
    }
  });

  for (const width of [1440, 390]) {
    await test.step(`light and dark at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 900 });
      // What turns is somewhere else each time.
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      const light = { colour: await background(page), places: await geometry(page) };
      expect(await wrong(page)).toEqual([]);
      await hasNoBarrier(page, `light at ${width} px`);
      await picture(page, `light-${width}`);
      await page.emulateMedia({ colorScheme: "dark" });
      await expect.poll(() => background(page)).not.toBe(light.colour);
      expect(await geometry(page)).toEqual(light.places);
      await hasNoBarrier(page, `dark at ${width} px`);
      await picture(page, `dark-${width}`);
    });
  }

  await test.step("a part that is cut off or reaches out is found", async () => {
    const spoil = async (style: string): Promise<string[]> => {
      await page.locator(".spec__b .kv").first().evaluate((element, css) => ((element as HTMLElement).style.cssText = css), style);
      return wrong(page);
    };
    expect(await spoil("width: 3000px")).not.toEqual([]);
    expect(await spoil("height: 10px; overflow: hidden")).not.toEqual([]);
    expect(await spoil("")).toEqual([]);
  });

  await test.step("nothing scrolls sideways", async () => {
    for (const width of [320, 390, 600, 768, 860, 861, 1024, 1180, 1340, 1440, 1920]) await fits(page, width);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await test.step("with more contrast", async () => {
    const line = () => page.locator(".panel").first().evaluate((panel) => getComputedStyle(panel).borderTopColor);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, contrast: "no-preference" });
      await background(page);
      const before = await line();
      await page.emulateMedia({ colorScheme, contrast: "more" });
      await expect.poll(line).not.toBe(before);
      await background(page);
      await hasNoBarrier(page, `more contrast, ${colorScheme}`);
      await picture(page, `contrast-${colorScheme}`);
    }
    await page.emulateMedia({ contrast: "no-preference" });
  });

  await test.step("with colours of the system and nothing that moves", async () => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
    await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
    await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
    await background(page);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    const edgeless = await page.locator("[data-shows] :is(.btn, .input, .st--box, .notice, .panel, .filter, .tag)").evaluateAll((all) =>
      all.filter((one) => one.getClientRects().length > 0 && getComputedStyle(one).borderTopStyle === "none").map((one) => one.className),
    );
    expect(edgeless).toEqual([]);
    await hasNoBarrier(page, "colours of the system");
    await picture(page, "forced");
    await page.emulateMedia({ forcedColors: "none", reducedMotion: "no-preference" });
  });

  await test.step("whatever takes the focus shows it", async () => {
    const invisible: string[] = [];
    await page.locator("#sg-states").evaluate((part) => part.scrollIntoView());
    await page.locator("#sg-states [tabindex]").first().focus();
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const { activeElement: on } = document;
        if (!(on instanceof HTMLElement) || on === document.body) return "";
        const ring = [on, on.closest(".find")].some((one) => one && getComputedStyle(one).outlineStyle !== "none");
        return ring ? "ring" : `${on.tagName}.${on.className}`;
      });
      if (seen && seen !== "ring") invisible.push(seen);
    }
    expect(invisible).toEqual([]);
  });
});
