// Runs the independent test suite `activitypub-testing` against actors: node conformance.mjs ACTOR-URL…
// It judges server-to-server documents; its tests of posting to an outbox need a client's token and say
// "inapplicable" without one. Every other outcome than "passed" and "inapplicable" fails the run.
import { pathToFileURL } from "node:url";
import { ActorUrlTestRun } from "activitypub-testing/test-actor";
import { Steps } from "../harness/steps.mjs";

/** Adds one story per actor to `steps`. */
export async function checkConformance(steps, actors) {
  for (const actor of actors) {
    await steps.story(`activitypub-testing on ${actor}`, async (_step, check) => {
      const outcomes = [];
      for await (const assertion of new ActorUrlTestRun(new URL(actor), { console: silent })) {
        outcomes.push({ test: assertion.test.slug, ...assertion.result });
      }
      outcomes.sort((a, b) => a.test.localeCompare(b.test));
      const inapplicable = outcomes.filter(({ outcome }) => outcome === "inapplicable");
      console.log(`  – inapplicable: ${inapplicable.map(({ test }) => test).join(", ") || "none"}`);
      for (const { test, outcome, info } of outcomes) {
        if (outcome === "inapplicable") continue;
        await check(test, () => {
          if (outcome !== "passed") throw new Error(`${outcome}: ${info ?? ""}`);
        });
      }
    });
  }
}

const silent = Object.assign(Object.create(console), { debug() {}, log() {}, warn() {} });

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const steps = new Steps();
  await checkConformance(steps, process.argv.slice(2));
  steps.finish();
}
