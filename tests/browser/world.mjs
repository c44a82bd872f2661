// The world of a journey: an instance of our binary, the mails that it sent, and people of other servers.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { startInstance } from "../harness/instance.mjs";
import { startPeer } from "../harness/peer.mjs";
import { until } from "../harness/steps.mjs";

/** Who answers for the site, as its administrator writes it. */
const IDENTITY = {
  EMANCIPASSO_INSTANCE_PUBLISHER: "Association des essais",
  EMANCIPASSO_INSTANCE_PUBLISHER_ADDRESS: "1 rue de la Paix, 69001 Lyon",
  EMANCIPASSO_INSTANCE_PUBLICATION_DIRECTOR: "Dominique Martin",
  EMANCIPASSO_INSTANCE_HOST_NAME: "Hébergement associatif",
  EMANCIPASSO_INSTANCE_HOST_ADDRESS: "2 rue de la Paix, 69001 Lyon",
  EMANCIPASSO_INSTANCE_CONTACT_EMAIL: "contact@example.org",
};

export async function startWorld() {
  return new World(await startInstance({ env: IDENTITY }));
}

class World {
  #peers = [];
  #read = new Set();

  constructor(instance) {
    this.instance = instance;
    this.origin = instance.origin;
  }

  /** Somebody on an independent ActivityPub server. */
  async meet(options) {
    const peer = await startPeer(options);
    this.#peers.push(peer);
    return peer;
  }

  /**
   * Waits for a mail to `address` that was not read before, and marks it as read.
   * Without SMTP settings the instance writes its mails to `mails/` in the data directory.
   */
  readMail(address) {
    return until(`a mail to ${address}`, async () => {
      const folder = join(this.instance.folder, "mails");
      for (const name of (await readdir(folder)).filter((each) => each.endsWith(".eml")).sort()) {
        if (this.#read.has(name)) continue;
        const mail = await PostalMime.parse(await readFile(join(folder, name)));
        if (!mail.to?.some((to) => to.address === address)) continue;
        this.#read.add(name);
        return mail;
      }
      return null;
    });
  }

  /** The one link to the instance in a mail's plain text whose path starts with `path`. */
  findLink(mail, path = "/") {
    const links = (mail.text ?? "").match(/https?:\/\/\S+/g) ?? [];
    const wanted = [...new Set(links)].filter((link) => link.startsWith(`${this.origin}${path}`));
    if (wanted.length !== 1) throw new Error(`${wanted.length} links to ${path} in:\n${mail.text}`);
    return wanted[0];
  }

  /** The link to `path` in the next mail to `address` that holds one; other mails on the way are skipped. */
  async readLink(address, path) {
    for (;;) {
      const mail = await this.readMail(address);
      if (mail.text?.includes(`${this.origin}${path}`)) return this.findLink(mail, path);
    }
  }

  async end() {
    for (const peer of this.#peers) peer.stop();
    await this.instance.discard();
  }
}
