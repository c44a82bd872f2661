// Starts the release binary as an administrator would: a data directory, environment variables, a database.
//
// EMANCIPASSO_BIN names the binary (default: target/release/emancipasso of this repository).
// INSTANCE_POSTGRES_URL names a PostgreSQL server: each instance gets a database of its own there, dropped at
// the end. Without it, a SQLite file in the data directory.
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "./steps.mjs";

const run = promisify(execFile);
const POSTGRES = process.env.INSTANCE_POSTGRES_URL;
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

export const BINARY =
  process.env.EMANCIPASSO_BIN ??
  join(process.env.CARGO_TARGET_DIR ?? join(REPOSITORY, "target"), "release/emancipasso");

/**
 * An instance on plain http that accepts peers on loopback.
 *
 * @param env further settings, as `EMANCIPASSO_…`
 */
export async function startInstance({ env = {}, host = "localhost" } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "emancipasso-"));
  const database = POSTGRES ? await createDatabase() : null;
  const port = await findFreePort();
  const origin = `http://${host}:${port}`;
  const instance = new Instance({
    folder,
    origin,
    database,
    env: {
      ...inherited(),
      EMANCIPASSO_PUBLIC_URL: origin,
      EMANCIPASSO_LISTEN: `127.0.0.1:${port}`,
      EMANCIPASSO_DATABASE_URL: database ? `${POSTGRES.replace(/\/[^/]*$/, "")}/${database}` : `sqlite:${join(folder, "emancipasso.db")}`,
      EMANCIPASSO_DATA_DIR: folder,
      EMANCIPASSO_FEDERATION_ALLOW_HTTP: "*",
      EMANCIPASSO_FEDERATION_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8,::1/128",
      ...env,
    },
  });
  try {
    await instance.start();
  } catch (error) {
    await instance.discard();
    throw error;
  }
  return instance;
}

class Instance {
  #env;
  #database;
  #child = null;

  constructor({ folder, origin, database, env }) {
    this.folder = folder;
    this.origin = origin;
    this.authority = new URL(origin).host;
    this.#database = database;
    this.#env = env;
  }

  get #log() {
    return join(this.folder, "instance.log");
  }

  /** Serves until stopped; returns once `/readyz` answers 200. */
  async start() {
    const child = spawn(BINARY, ["serve"], { env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(this.#log, { flags: "a" });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#child = child;
    let ended = null;
    child.once("error", (error) => (ended = error.message));
    child.once("exit", (code, signal) => (ended ??= `ended with ${code ?? signal}`));
    try {
      await until(
        `${BINARY} is ready`,
        async () => ended ?? (await fetch(`${this.origin}/readyz`)).status === 200,
        { seconds: 30 },
      );
      if (ended) throw new Error(`${BINARY}: ${ended}`);
    } catch (error) {
      console.log(await this.logTail());
      throw error;
    }
  }

  /** Stops gracefully and fails when the exit code says that something was not in order. */
  async stop() {
    const code = await this.#end("SIGTERM");
    if (code !== 0) throw new Error(`ended with ${code}\n${await this.logTail()}`);
  }

  /** Ends at once, as a power cut would. */
  kill() {
    return this.#end("SIGKILL");
  }

  /** Stops and removes the database and the data directory. */
  async discard() {
    await this.kill();
    if (this.#database) await psql(`DROP DATABASE ${this.#database} WITH (FORCE)`);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a command of the binary on the same data, and returns its standard output. */
  async command(...words) {
    const { stdout } = await run(BINARY, words, { env: this.#env });
    return stdout.trim();
  }

  createAccount({ email, name, role }) {
    return this.command("account", "create", "--email", email, "--name", name, "--role", role);
  }

  /** `scopes` is an array such as `["ads:write"]`; returns the bearer token. */
  createToken({ email, scopes }) {
    return this.command("token", "create", "--email", email, "--scopes", scopes.join(" "));
  }

  async logTail(lines = 40) {
    const log = await readFile(this.#log, "utf8").catch(() => "");
    return log.split("\n").slice(-lines).join("\n");
  }

  #end(signal) {
    const child = this.#child;
    if (child == null || child.exitCode !== null || child.signalCode !== null) {
      return Promise.resolve(child?.exitCode ?? null);
    }
    return new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill(signal);
    });
  }
}

async function createDatabase() {
  const name = `emancipasso_${randomUUID().replaceAll("-", "")}`;
  await psql(`CREATE DATABASE ${name}`);
  return name;
}

function psql(command) {
  return run("psql", ["--quiet", "--dbname", POSTGRES, "--command", command]);
}

/** The settings of the shell must not leak into the instance. */
function inherited() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("EMANCIPASSO_")),
  );
}

async function findFreePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
