// The Nu Html Checker over every page that was served during the journeys.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { OUTPUT } from "./browser.mjs";

const JAR = createRequire(import.meta.url).resolve("vnu-jar/build/dist/vnu.jar");

/** Returns how many pages were read and each error as a line of words. */
export async function validate(folder = `${OUTPUT}pages`) {
  const pages = (await readdir(folder)).filter((name) => name.endsWith(".html"));
  if (pages.length === 0) return { pages: 0, faults: ["no page was kept"] };
  const report = await new Promise((resolve, reject) => {
    const args = ["-jar", JAR, "--skip-non-html", "--format", "json", "--stdout", folder];
    execFile("java", args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      // Exit code 1 means that there are messages.
      if (error && error.code !== 1) reject(error);
      else resolve(JSON.parse(stdout));
    });
  });
  const faults = report.messages.map(
    ({ type, subType, message, url, lastLine }) =>
      `${subType ?? type}: ${message} (${url.split("/").at(-1)}, line ${lastLine})`,
  );
  return { pages: pages.length, faults };
}
