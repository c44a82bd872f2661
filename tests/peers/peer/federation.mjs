// The ActivityPub side of the peer, on Fedify: one person, her keys, her posts, her inbox.
// Signatures are always verified; what Fedify refuses never reaches a listener.
import { AsyncLocalStorage } from "node:async_hooks";
import { createFederation, generateCryptoKeyPair, MemoryKvStore } from "@fedify/fedify";
import {
  Accept,
  Activity,
  Endpoints,
  Follow,
  Note,
  Person,
  Undo,
} from "@fedify/vocab";

export const IDENTIFIER = "ada";

/** The delivery being handled, so that a listener can note on it that its signature was verified. */
const currentDelivery = new AsyncLocalStorage();

/**
 * @param memory what the peer remembers
 * @param origin scheme and authority of the peer, plain http on loopback
 * @param software the name its NodeInfo gives: decides which rendition of a post it is sent
 * @param firstKnock signature tried first: "draft-cavage-http-signatures-12" or "rfc9421"
 */
export async function createPerson({ memory, origin, software, firstKnock }) {
  const federation = createFederation({
    kv: new MemoryKvStore(),
    origin,
    firstKnock,
    allowPrivateAddress: true,
    userAgent: `${software}/1.0 (+${origin}/)`,
  });
  await addActor(federation, memory);
  addNotes(federation, memory);
  addInbox(federation, memory);
  federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
    software: { name: software, version: "1.0.0" },
    protocols: ["activitypub"],
    usage: { users: { total: 1 }, localPosts: memory.notes.size, localComments: 0 },
  }));
  const handle = (request, body) => answer({ federation, memory, request, body });
  return { federation, handle };
}

async function addActor(federation, memory) {
  const keys = [
    await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"),
    await generateCryptoKeyPair("Ed25519"),
  ];
  federation
    .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
      if (identifier !== IDENTIFIER) return null;
      const pairs = await ctx.getActorKeyPairs(identifier);
      return new Person({
        id: ctx.getActorUri(identifier),
        url: ctx.getActorUri(identifier),
        preferredUsername: identifier,
        name: memory.name,
        summary: "<p>Reads ads and answers them.</p>",
        inbox: ctx.getInboxUri(identifier),
        outbox: ctx.getOutboxUri(identifier),
        followers: ctx.getFollowersUri(identifier),
        following: ctx.getFollowingUri(identifier),
        endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
        manuallyApprovesFollowers: false,
        publicKey: pairs[0].cryptographicKey,
        assertionMethods: pairs.map((pair) => pair.multikey),
      });
    })
    .setKeyPairsDispatcher((_ctx, identifier) => (identifier === IDENTIFIER ? keys : []));
  federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({
    items: [...memory.followers.values()],
  }));
  federation.setFollowingDispatcher("/users/{identifier}/following", () => ({ items: [] }));
  federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
}

function addNotes(federation, memory) {
  federation
    .setObjectDispatcher(Note, "/notes/{id}", (ctx, values) => {
      const entry = memory.notes.get(ctx.getObjectUri(Note, values).href);
      return entry?.note ?? null;
    })
    .authorize(async (ctx, values) => {
      const readers = memory.notes.get(ctx.getObjectUri(Note, values).href)?.readers;
      if (readers == null) return true;
      // A server may fetch for its own people with an actor of its own.
      const asker = await ctx.getSignedKeyOwner();
      return asker != null && readers.some((reader) => reader.host === asker.id.host);
    });
}

function addInbox(federation, memory) {
  federation
    .setInboxListeners("/users/{identifier}/inbox", "/inbox")
    .setSharedKeyDispatcher(() => ({ identifier: IDENTIFIER }))
    .on(Activity, () => markVerified())
    .on(Follow, async (ctx, follow) => {
      markVerified();
      const follower = await follow.getActor(ctx);
      if (follower == null || follow.objectId?.href !== ctx.getActorUri(IDENTIFIER).href) return;
      memory.followers.set(follower.id.href, follower);
      await ctx.sendActivity(
        { identifier: IDENTIFIER },
        follower,
        new Accept({
          id: new URL(`#accepts/${crypto.randomUUID()}`, ctx.getActorUri(IDENTIFIER)),
          actor: ctx.getActorUri(IDENTIFIER),
          to: follower.id,
          object: follow,
        }),
      );
    })
    .on(Undo, async (ctx, undo) => {
      markVerified();
      const undone = await undo.getObject(ctx);
      if (undone instanceof Follow && undone.actorId?.href === undo.actorId?.href) {
        memory.followers.delete(undo.actorId.href);
      }
    })
    .onUnverifiedActivity((_ctx, _activity, reason) => {
      const delivery = currentDelivery.getStore();
      if (delivery) delivery.refusal = reason.type;
    });
}

function markVerified() {
  const delivery = currentDelivery.getStore();
  if (delivery) delivery.verified = true;
}

async function answer({ federation, memory, request, body }) {
  const url = new URL(request.url);
  if (memory.deleted.has(url.href)) {
    return new Response(null, { status: 410 });
  }
  const options = {
    contextData: undefined,
    onNotFound: () => new Response("Not found", { status: 404 }),
    onNotAcceptable: () => new Response("A page for people would be here.", { status: 200 }),
  };
  if (request.method !== "POST") return federation.fetch(request, options);

  const delivery = describe(request, body);
  memory.deliveries.push(delivery);
  const response = await currentDelivery.run(delivery, () => federation.fetch(request, options));
  delivery.status = response.status;
  return response;
}

/** What arrived, as it arrived: judged later by `verified` (Fedify's word) and `status` (our answer). */
function describe(request, body) {
  const cavage = request.headers.get("signature");
  const rfc9421 = request.headers.get("signature-input");
  let activity = null;
  try {
    activity = JSON.parse(body.toString("utf8"));
  } catch {
    // Kept as null: the inbox answers 400.
  }
  return {
    path: new URL(request.url).pathname,
    contentType: request.headers.get("content-type"),
    userAgent: request.headers.get("user-agent"),
    signature: rfc9421 ? "rfc9421" : cavage ? "cavage" : "none",
    keyId: (rfc9421 ?? cavage ?? "").match(/keyid="([^"]*)"/i)?.[1] ?? null,
    covers: rfc9421 ?? cavage?.match(/headers="([^"]*)"/)?.[1] ?? null,
    activity,
    verified: false,
    refusal: null,
    status: null,
  };
}

