// What the remote person can do. Each deed is sent at once and returns when the receiver has answered;
// an answer other than 2xx is thrown as Fedify's SendActivityError with its status.
import { randomUUID } from "node:crypto";
import { parseNodeInfo } from "@fedify/fedify";
import { Temporal } from "@js-temporal/polyfill";
import {
  Announce,
  Block,
  Create,
  Delete,
  Flag,
  Follow,
  Like,
  Mention,
  Note,
  PUBLIC_COLLECTION,
  Tombstone,
  Undo,
  Update,
} from "@fedify/vocab";
import { IDENTIFIER } from "./federation.mjs";

const NODEINFO_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.";

export class Deeds {
  #ctx;
  #memory;

  constructor({ federation, memory, origin }) {
    this.#ctx = federation.createContext(new URL(origin), undefined);
    this.#memory = memory;
  }

  get #self() {
    return this.#ctx.getActorUri(IDENTIFIER);
  }

  /** Resolves `@name@host` by WebFinger, checks that the subject comes back, and fetches the actor. */
  async discover({ handle }) {
    const [name, host] = handle.replace(/^@/, "").split("@");
    const subject = `acct:${name}@${host}`;
    const url = new URL(`http://${host}/.well-known/webfinger`);
    url.searchParams.set("resource", subject);
    const response = await fetch(url, { headers: { accept: "application/jrd+json" } });
    if (!response.ok) throw new Refusal(`WebFinger answered ${response.status} for ${subject}`);
    const jrd = await response.json();
    const self = jrd.links?.find((link) => link.rel === "self" && isActivityType(link.type));
    if (!self) throw new Refusal(`no self link to an ActivityPub document for ${subject}`);
    const actor = await this.#fetch(self.href);
    return {
      subject: jrd.subject,
      aliases: jrd.aliases ?? [],
      contentType: response.headers.get("content-type"),
      actor: await actor.toJsonLd({ format: "compact", contextLoader: this.#ctx.contextLoader }),
    };
  }

  /** Fetches a document with a signed GET and returns it as Fedify understood it. */
  async fetch({ id }) {
    const object = await this.#fetch(id);
    return object.toJsonLd({ format: "compact", contextLoader: this.#ctx.contextLoader });
  }

  /** The NodeInfo of a server, strictly parsed. */
  async nodeInfo({ origin }) {
    const discovery = await readJson(new URL("/.well-known/nodeinfo", origin));
    const link = discovery.links?.find((each) => each.rel?.startsWith(NODEINFO_SCHEMA));
    if (!link) throw new Refusal(`${origin} has no link to a NodeInfo document`);
    const nodeInfo = parseNodeInfo(await readJson(link.href));
    if (!nodeInfo) throw new Refusal(`${link.href} is not a valid NodeInfo document`);
    return nodeInfo;
  }

  async follow({ id }) {
    const followed = await this.#fetch(id);
    return this.#say(
      new Follow({ id: this.#activityId("follows"), actor: this.#self, object: followed.id }),
      [followed],
    );
  }

  /** Answers a post in public. */
  async reply({ inReplyTo, html }) {
    const target = await this.#fetch(inReplyTo);
    const author = await this.#fetch(target.attributionId.href);
    return this.#publish({
      note: {
        replyTarget: target.id,
        content: html,
        to: PUBLIC_COLLECTION,
        ccs: [author.id, this.#ctx.getFollowersUri(IDENTIFIER)],
        tags: [this.#mention(author)],
      },
      readers: null,
      recipients: [author],
    });
  }

  /** Writes to one actor in private, optionally under one of its posts. */
  async mention({ id, html, inReplyTo }) {
    const actor = await this.#fetch(id);
    return this.#publish({
      note: {
        replyTarget: inReplyTo ? new URL(inReplyTo) : null,
        content: html,
        to: actor.id,
        tags: [this.#mention(actor)],
      },
      readers: [actor.id],
      recipients: [actor],
    });
  }

  async edit({ id, html }) {
    const entry = this.#entry(id);
    entry.note = entry.note.clone({ content: html, updated: Temporal.Now.instant() });
    return this.#say(
      new Update({
        id: this.#activityId("updates"),
        actor: this.#self,
        tos: entry.note.toIds,
        ccs: entry.note.ccIds,
        object: entry.note,
      }),
      entry.recipients,
    );
  }

  async remove({ id }) {
    const { note, recipients } = this.#entry(id);
    this.#memory.notes.delete(id);
    this.#memory.deleted.add(id);
    return this.#say(
      new Delete({
        id: this.#activityId("deletes"),
        actor: this.#self,
        tos: note.toIds,
        ccs: note.ccIds,
        object: new Tombstone({ id: note.id }),
      }),
      recipients,
    );
  }

  async like({ id }) {
    const { object, author } = await this.#withAuthor(id);
    return this.#say(
      new Like({ id: this.#activityId("likes"), actor: this.#self, to: author.id, object: object.id }),
      [author],
    );
  }

  async boost({ id }) {
    const { object, author } = await this.#withAuthor(id);
    return this.#say(
      new Announce({
        id: this.#activityId("boosts"),
        actor: this.#self,
        published: Temporal.Now.instant(),
        to: PUBLIC_COLLECTION,
        ccs: [author.id, this.#ctx.getFollowersUri(IDENTIFIER)],
        object: object.id,
      }),
      [author],
    );
  }

  async block({ id }) {
    const blocked = await this.#fetch(id);
    return this.#say(
      new Block({ id: this.#activityId("blocks"), actor: this.#self, to: blocked.id, object: blocked.id }),
      [blocked],
    );
  }

  /** Reports an actor, with posts of its own, to the actor's server. */
  async flag({ id, posts = [], text }) {
    const reported = await this.#fetch(id);
    return this.#say(
      new Flag({
        id: this.#activityId("flags"),
        actor: this.#self,
        to: reported.id,
        objects: [reported.id, ...posts.map((post) => new URL(post))],
        content: text,
      }),
      [reported],
    );
  }

  /** Takes back a follow, like, boost or block; the whole activity is embedded. */
  async undo({ id }) {
    const said = this.#memory.said.get(id);
    if (!said) throw new Refusal(`nothing said under the id ${id}`);
    return this.#say(
      new Undo({
        id: this.#activityId("undos"),
        actor: this.#self,
        tos: said.activity.toIds,
        ccs: said.activity.ccIds,
        object: said.activity,
      }),
      said.recipients,
    );
  }

  /** Changes the display name and tells the given actor. */
  async rename({ id, name }) {
    const recipient = await this.#fetch(id);
    this.#memory.name = name;
    return this.#say(
      new Update({
        id: this.#activityId("updates"),
        actor: this.#self,
        to: PUBLIC_COLLECTION,
        object: await this.#fetch(this.#self.href),
      }),
      [recipient],
    );
  }

  /** Deletes the account: tells the given actor, then the actor document answers 410. */
  async leave({ id }) {
    const recipient = await this.#fetch(id);
    const result = await this.#say(
      new Delete({
        id: this.#activityId("deletes"),
        actor: this.#self,
        to: PUBLIC_COLLECTION,
        object: this.#self,
      }),
      [recipient],
    );
    this.#memory.deleted.add(this.#self.href);
    return result;
  }

  async #publish({ note, readers, recipients }) {
    const id = this.#ctx.getObjectUri(Note, { id: randomUUID() });
    const published = Temporal.Now.instant();
    const whole = new Note({ id, url: id, attribution: this.#self, published, ...note });
    this.#memory.notes.set(id.href, { note: whole, readers, recipients });
    const { activity } = await this.#say(
      new Create({
        id: new URL("#create", id),
        actor: this.#self,
        published,
        tos: whole.toIds,
        ccs: whole.ccIds,
        object: whole,
      }),
      recipients,
    );
    return { activity, note: id.href };
  }

  async #say(activity, recipients) {
    this.#memory.said.set(activity.id.href, { activity, recipients });
    await this.#ctx.sendActivity({ identifier: IDENTIFIER }, recipients, activity, {
      immediate: true,
    });
    return { activity: activity.id.href };
  }

  async #fetch(id) {
    const documentLoader = await this.#ctx.getDocumentLoader({ identifier: IDENTIFIER });
    const object = await this.#ctx.lookupObject(new URL(id), { documentLoader });
    if (object == null) throw new Refusal(`${id} does not lead to an ActivityPub document`);
    return object;
  }

  async #withAuthor(id) {
    const object = await this.#fetch(id);
    return { object, author: await this.#fetch(object.attributionId.href) };
  }

  #entry(id) {
    const entry = this.#memory.notes.get(id);
    if (!entry) throw new Refusal(`no note of ours under the id ${id}`);
    return entry;
  }

  #mention(actor) {
    return new Mention({ href: actor.id, name: `@${actor.preferredUsername}@${actor.id.host}` });
  }

  #activityId(kind) {
    return new URL(`#${kind}/${randomUUID()}`, this.#self);
  }
}

/** The deed is impossible: said to the driver, not a fault of the peer. */
export class Refusal extends Error {}

async function readJson(url) {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Refusal(`${url} answered ${response.status}`);
  return response.json();
}

function isActivityType(type) {
  return (
    type === "application/activity+json" ||
    /^application\/ld\+json;\s*profile="https:\/\/www\.w3\.org\/ns\/activitystreams"$/.test(type ?? "")
  );
}
