// schemathesis against our OpenAPI document, on a running instance: no 5xx, no answer outside the contract.
//
// SCHEMATHESIS names the program; SCHEMATHESIS_SECONDS bounds the run (default 180).
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startInstance } from "../harness/instance.mjs";

const SCOPES = ["ads:write", "organisations:write", "moderation:write", "comments:write"];
/** The same cases on every run: a failure can be repeated. */
const SEED = "20261122";

const instance = await startInstance();
try {
  const email = "camille@example.org";
  await instance.createAccount({ email, name: "Camille", role: "administrator" });
  const token = await instance.createToken({ email, scopes: SCOPES });
  const report = join(instance.folder, "schemathesis.xml");
  const code = await runSchemathesis(token, report);
  const { passed, failed } = await readReport(report);
  if (failed > 0) console.log(await instance.logTail());
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : 1;
} finally {
  await instance.discard();
}

function runSchemathesis(token, report) {
  const words = [
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
