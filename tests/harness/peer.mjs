// Starts the independent ActivityPub server of tests/peers as a process of its own, and speaks to its control API.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { until } from "./steps.mjs";

const FOLDER = fileURLToPath(new URL("../peers/", import.meta.url));

/** `software` is its NodeInfo name; `firstKnock` is `cavage` or `rfc9421`. */
export async function startPeer({ software = "ada", firstKnock = "cavage", host = "localhost" } = {}) {
  const child = spawn(
    `${FOLDER}node_modules/.bin/node`,
    [`${FOLDER}peer.mjs`, "--software", software, "--first-knock", firstKnock, "--host", host],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the peer ended with ${code} before it listened`)));
  });
  return new Peer(child, software, JSON.parse(line));
}

class Peer {
  #child;
  #control;

  constructor(child, software, { origin, control, actor, handle }) {
    this.#child = child;
    this.#control = control;
    this.software = software;
    this.origin = origin;
    this.actor = actor;
    this.handle = handle;
  }

  discover = (handle) => this.#do("discover", { handle });
  fetch = (id) => this.#do("fetch", { id });
  nodeInfo = (origin) => this.#do("nodeInfo", { origin });
  follow = (id) => this.#do("follow", { id });
  reply = (inReplyTo, html) => this.#do("reply", { inReplyTo, html });
  mention = (id, html, inReplyTo) => this.#do("mention", { id, html, inReplyTo });
  edit = (id, html) => this.#do("edit", { id, html });
  remove = (id) => this.#do("remove", { id });
  like = (id) => this.#do("like", { id });
  boost = (id) => this.#do("boost", { id });
  block = (id) => this.#do("block", { id });
  flag = (id, posts, text) => this.#do("flag", { id, posts, text });
  undo = (id) => this.#do("undo", { id });
  rename = (id, name) => this.#do("rename", { id, name });
  leave = (id) => this.#do("leave", { id });

  /** Everything that reached its inboxes, refused or not. */
  deliveries = () => this.#read("received");
  followers = () => this.#read("followers");

  /** Waits for an activity that was delivered with a verified signature and satisfies `wanted(activity)`. */
  async receive(what, wanted, options) {
    const delivery = await until(
      what,
      async () => (await this.deliveries()).find((d) => d.verified && d.status === 202 && wanted(d.activity)),
      options,
    );
    return delivery.activity;
  }

  stop() {
    this.#child.kill("SIGTERM");
  }

  async #do(deed, body) {
    const response = await fetch(`${this.#control}/control/${deed}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return this.#result(deed, response);
  }

  async #read(what) {
    return this.#result(what, await fetch(`${this.#control}/control/${what}`));
  }

  async #result(what, response) {
    const result = await response.json();
    if (!response.ok) {
      throw Object.assign(new Error(`${what}: ${result.error}`), { inboxStatus: result.inboxStatus });
    }
    return result;
  }
}
