// schemathesis against our OpenAPI document, on a running instance: no 5xx, no answer outside the contract.
//
// SCHEMATHESIS names the program; SCHEMATHESIS_SECONDS bounds the run (default 180).
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startInstance } from "../harness/instance.mjs";
import { AD, ORGANISATION, publishAd, signUp } from "../peers/ad.mjs";

/** The same cases on every run: a failure can be repeated. */
const SEED = "20261122";
const DRAFTS = 8;

const instance = await startInstance();
try {
  const { token, words } = await makeWorld();
  const report = join(instance.folder, "schemathesis.xml");
  const code = await runSchemathesis(token, await writeConfig(words), report);
  const { passed, failed } = await readReport(report);
  if (failed > 0) console.log(await instance.logTail());
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : 1;
} finally {
  await instance.discard();
}

/**
 * Somebody who both moderates and acts for an association, the ads that they work on, and those of
 * others that they judge; `words` are values of parameters that lead somewhere.
 */
async function makeWorld() {
  const published = await publishAd(instance);
  const { api, token } = await signUp(instance, { name: "Claude", role: "administrator" });
  const own = await api.createOrganisation({ ...ORGANISATION, name: "Les Amis du train" });
  const ads = [published.id];
  for (let count = 0; count < DRAFTS; count += 1) {
    const { id } = await api.createAd({ organisation: own.id, ...AD });
    const { id: other } = await published.api.createAd({ organisation: published.organisation.id, ...AD });
    await published.api.publishAd(other);
    ads.push(id, other);
  }
  return {
    token,
    words: {
      "path.id": ads,
      "path.number": [published.number],
      "path.slug": [own.slug, published.organisation.slug],
      "query.organisation": [own.id],
      "query.version": [1, 2],
    },
  };
}

/** Our settings, and the values that half of the requests take. */
async function writeConfig(words) {
  const settings = [await readFile(new URL("schemathesis.toml", import.meta.url), "utf8")];
  const names = Object.keys(words);
  const dictionary = (name) => name.replace(".", "-");
  for (const name of names) {
    settings.push(`[dictionaries.${dictionary(name)}]`, `values = ${JSON.stringify(words[name])}`);
  }
  settings.push("[parameters]");
  settings.push(...names.map((name) => `"${name}" = { dictionary = "${dictionary(name)}", probability = 0.5 }`));
  const path = join(instance.folder, "schemathesis.toml");
  await writeFile(path, `${settings.join("\n")}\n`);
  return path;
}

function runSchemathesis(token, config, report) {
  const words = [
    "--config-file", config,
    "run",
    `${instance.origin}/api/v1/openapi.json`,
    "--header", `Authorization: Bearer ${token}`,
    "--rate-limit", "auto",
    "--max-time", process.env.SCHEMATHESIS_SECONDS ?? "180",
    "--seed", SEED,
    "--continue-on-failure",
    "--report-junit-path", report,
  ];
  const child = spawn(process.env.SCHEMATHESIS ?? "schemathesis", words, { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
}

/** One test case of the report is one operation of the API. */
async function readReport(path) {
  const suites = (await readFile(path, "utf8")).match(/<testsuites?\b[^>]*>/)?.[0] ?? "";
  const count = (name) => Number(suites.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed - count("skipped"), failed };
}
