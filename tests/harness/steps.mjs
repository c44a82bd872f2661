// Counts steps, waits for conditions. No fixed sleep: a wait polls until its condition holds or its deadline passes.
import { setTimeout as pause } from "node:timers/promises";

/** Runs named steps in order; a failed one is reported and the rest of its story is skipped. */
export class Steps {
  passed = 0;
  failed = 0;

  /**
   * A story: `tell(step, check)` calls `step(name, action)` for what later steps build on,
   * and `check(name, action)` for what stands alone: the story goes on after it fails.
   */
  async story(title, tell) {
    console.log(`\n${title}`);
    try {
      await tell(
        (name, action) => this.#step(name, action),
        (name, action) => this.#step(name, action).catch(ignoreFailedStep),
      );
    } catch (error) {
      if (!(error instanceof StepFailed)) {
        this.failed += 1;
        console.log(`  ✗ ${title}\n${indent(error)}`);
      }
    }
  }

  async #step(name, action) {
    const start = performance.now();
    try {
      const result = await action();
      this.passed += 1;
      console.log(`  ✓ ${name} (${Math.round(performance.now() - start)} ms)`);
      return result;
    } catch (error) {
      this.failed += 1;
      console.log(`  ✗ ${name}\n${indent(error)}`);
      throw new StepFailed();
    }
  }

  /** Prints the last line and sets the exit code. A run in which nothing was tried has failed. */
  finish() {
    console.log(`\n${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

class StepFailed extends Error {}

/** The failure is already counted and printed. */
function ignoreFailedStep(error) {
  if (!(error instanceof StepFailed)) throw error;
}

/**
 * Polls `probe` until it returns something truthy, and returns that. Errors of the probe count as "not yet";
 * the last one is told when the deadline passes.
 */
export async function until(what, probe, { seconds = 20 } = {}) {
  const deadline = performance.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const result = await probe();
      if (result) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${seconds} s in vain: ${what}`, { cause: last });
    }
    await pause(50);
  }
}

function indent(error) {
  const cause = error?.cause ? `\ncause: ${error.cause.stack ?? error.cause}` : "";
  return `${error?.stack ?? error}${cause}`.replace(/^/gm, "      ");
}
