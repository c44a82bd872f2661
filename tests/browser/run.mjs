// Proves the checks, runs every journey of `journeys/`, then the HTML validator.
//
//   node run.mjs [WORD]    only the journeys whose file name contains WORD
//
// A journey exports `title` and `tell({ step, check, browser, world, visit, inspect })`; each gets a new instance.
// `inspect(visitor, label)` puts a page through every check the first time that it meets the label, and keeps a
// picture of it every time.
import assert from "node:assert/strict";
import { mkdir, readdir, rm } from "node:fs/promises";
import { Steps } from "../harness/steps.mjs";
import { launch, openVisitor, OUTPUT, takeScreenshot } from "./browser.mjs";
import { everything } from "./checks.mjs";
import { proveChecks } from "./self-test.mjs";
import { validate } from "./validator.mjs";
import { startWorld } from "./world.mjs";

const JOURNEYS = new URL("./journeys/", import.meta.url);

const steps = new Steps();
const browser = await launch();
try {
  await proveChecks(steps, browser);
  await rm(OUTPUT, { recursive: true, force: true });
  await mkdir(OUTPUT, { recursive: true });
  const journeys = (await listJourneys()).filter((name) => name.includes(process.argv[2] ?? ""));
  for (const name of journeys) await travel(name);
  if (journeys.length > 0) {
    await steps.story("HTML validity", async (step) => {
      await step("every page that was served", async () => {
        const { pages, faults } = await validate();
        console.log(`  – ${pages} pages`);
        assert.deepEqual(faults, []);
      });
    });
  } else {
    console.log("\nNo journey to run.");
  }
} finally {
  await browser.close();
}
steps.finish();

async function travel(name) {
  const journey = await import(new URL(name, JOURNEYS));
  await steps.story(journey.title, async (step, check) => {
    const world = await startWorld();
    const visitors = [];
    const inspected = new Set();
    const visit = async (options) => {
      const visitor = await openVisitor(browser, { origin: world.origin, ...options });
      visitors.push(visitor);
      return visitor;
    };
    const inspect = (visitor, label) => {
      if (inspected.has(label)) return takeScreenshot(visitor, label);
      inspected.add(label);
      return check(`${label}: accessible (${visitor.size})`, async () => {
        await takeScreenshot(visitor, label);
        assert.deepEqual(await everything(visitor), []);
      });
    };
    try {
      await journey.tell({ step, check, browser, world, visit, inspect });
      await check("no foreign request, no error on any page", () => {
        assert.deepEqual(visitors.flatMap(({ faults }) => faults), []);
      });
    } catch (error) {
      for (const visitor of visitors) await takeScreenshot(visitor, `failed-${name}`).catch(() => {});
      console.log(await world.instance.logTail());
      throw error;
    } finally {
      for (const { context } of visitors) await context.close();
      await world.end();
    }
  });
}

async function listJourneys() {
  const names = await readdir(JOURNEYS).catch(() => []);
  return names.filter((name) => name.endsWith(".mjs")).sort();
}
