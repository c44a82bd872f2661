// An ad, as somebody on another server lives it: found by its handle, followed, answered, and left.
// Our release binary on one side, @fedify/fedify on the other, HTTP on loopback between them.
import assert from "node:assert/strict";
import { isDeepStrictEqual as isEqual } from "node:util";
import { startInstance } from "../harness/instance.mjs";
import { startPeer } from "../harness/peer.mjs";
import { Steps, until } from "../harness/steps.mjs";
import { publishAd } from "./ad.mjs";
import { checkConformance } from "./conformance.mjs";

const PUBLIC = "https://www.w3.org/ns/activitystreams#Public";
const steps = new Steps();
const instance = await startInstance();
const peers = [];
try {
  const ad = await publishAd(instance);
  for (const firstKnock of ["cavage", "rfc9421"]) {
    await steps.story(`An ad, from a server that signs with ${firstKnock} first`, (step) =>
      liveWith(step, { ad, firstKnock }),
    );
  }
  await steps.story("Each server software gets the rendition it can show", (step) => renditions(step, ad));
  await checkConformance(steps, [ad.actor, `${instance.origin}/annonces`]);
  await steps.story("The instance stops in order", async (step) => {
    await step("exit code 0 after SIGTERM", () => instance.stop());
  });
} catch (error) {
  steps.failed += 1;
  console.log(error.stack);
} finally {
  if (steps.failed > 0) console.log(`\nThe end of the instance's log:\n${await instance.logTail()}`);
  for (const peer of peers) peer.stop();
  await instance.discard();
}
steps.finish();

async function liveWith(step, { ad, firstKnock }) {
  const ada = await peer({ firstKnock });

  const actor = await step("finds the ad by its handle", async () => {
    const { subject, contentType, actor } = await ada.discover(ad.handle);
    assert.equal(subject, `acct:${ad.handle.slice(1)}`);
    assert.match(contentType, /^application\/jrd\+json/);
    assert.equal(actor.type, "Group");
    assert.equal(actor.id, ad.actor);
    return actor;
  });
  await step("reads the instance's NodeInfo", async () => {
    const { software, protocols } = await ada.nodeInfo(instance.origin);
    assert.equal(software.name, "emancipasso");
    assert.deepEqual(protocols, ["activitypub"]);
  });
  const post = await step("finds the ad's post among its pins", async () => {
    const featured = await document(actor.featured);
    const pins = [featured.orderedItems ?? featured.items].flat();
    assert.equal(typeof pins[0], "string", "a pin is an id");
    const note = await ada.fetch(pins[0]);
    assert.equal(note.type, "Note");
    assert.match(note.content, /douze ateliers/);
    return note.id;
  });
  const follow = await step("follows, and the ad accepts that very request", async () => {
    const { activity } = await ada.follow(ad.actor);
    const accept = await ada.receive("Accept", (a) => a.type === "Accept" && a.object?.id === activity);
    assert.equal(accept.actor, ad.actor);
    assert.deepEqual([accept.to].flat(), [ada.actor]);
    await until("counted as a follower", async () => (await document(actor.followers)).totalItems === 1);
    return activity;
  });
  await step("receives a milestone under the ad's post", async () => {
    const text = `Un devis est arrivé (${firstKnock})`;
    await ad.api.addMilestone(ad.id, { text });
    const { object } = await ada.receive("the milestone", (a) => a.type === "Create" && a.object.content?.includes(text));
    assert.equal(object.inReplyTo, post);
    assert.deepEqual([object.to].flat(), [PUBLIC]);
    assert.equal((await ada.fetch(object.id)).content, object.content);
  });

  const words = `Je peux vous aider (${firstKnock})`;
  const { reply, comment } = await step("replies, and the reply is held", async () => {
    const { note } = await ada.reply(post, `<p>${words}</p><script>alert(1)</script><p onclick="alert(2)">Ada</p>`);
    const comment = await until("the reply waits", () => findComment(ad, note));
    assert.ok(!(await page(ad)).includes(words));
    return { reply: note, comment };
  });
  await step("is shown with its origin, and harmless, once accepted", async () => {
    await ad.api.decideOnComment(comment.id, "accept");
    const html = await until("the reply is shown", async () => {
      const html = await page(ad);
      return html.includes(words) && html;
    });
    assert.ok(html.includes(new URL(ada.origin).host), "says where it comes from");
    assert.ok(!html.includes("alert("), "nothing hostile remains");
  });
  await step("edits the reply, and what was not accepted is not shown", async () => {
    await ada.edit(reply, `<p>${words}, dès lundi</p>`);
    await until("the edited reply waits", () => findComment(ad, reply));
    // Neither the new words nor the old ones, which their author took back.
    assert.ok(!(await page(ad)).includes(words));
  });
  await step("is shown again, as edited, once accepted anew", async () => {
    await ad.api.decideOnComment(comment.id, "accept");
    await until("the edit is shown", async () => (await page(ad)).includes(`${words}, dès lundi`));
  });
  await step("writes in private, and it is shown to nobody", async () => {
    const secret = `Entre nous (${firstKnock})`;
    await ada.mention(ad.actor, `<p>${secret}</p>`, post);
    // What is sent after it has been handled, so it has been as well.
    const { note } = await ada.reply(post, `<p>Après le message privé (${firstKnock})</p>`);
    await until("the later reply waits", () => findComment(ad, note));
    assert.ok(!(await page(ad)).includes(secret));
    assert.ok(!JSON.stringify(await ad.api.listComments(ad.id)).includes(secret));
  });
  await step("likes and boosts count once, and no more when undone", async () => {
    const { activity: like } = await ada.like(post);
    const { activity: boost } = await ada.boost(post);
    await ada.like(post);
    await until("both are counted", async () => isEqual(await ad.api.countReactions(ad.number), { likes: 1, boosts: 1 }));
    await ada.undo(like);
    await ada.undo(boost);
    await until("neither is counted", async () => isEqual(await ad.api.countReactions(ad.number), { likes: 0, boosts: 0 }));
  });
  await step("deletes the reply, and the page forgets it", async () => {
    await ada.remove(reply);
    await until("the reply is gone", async () => !(await page(ad)).includes(words));
  });
  await step("reports the ad to its instance", () => ada.flag(ad.actor, [post], "Pour essayer"));
  await step("unfollows, and receives nothing more", async () => {
    const bob = await peer({ firstKnock });
    await bob.follow(ad.actor);
    await bob.receive("Accept", (a) => a.type === "Accept");
    await ada.undo(follow);
    await until("one follower is left", async () => (await document(actor.followers)).totalItems === 1);
    const text = `Deux devis (${firstKnock})`;
    await ad.api.addMilestone(ad.id, { text });
    await bob.receive("the milestone", (a) => a.type === "Create" && a.object.content?.includes(text));
    assert.ok(!JSON.stringify(await ada.deliveries()).includes(text));
    await bob.block(ad.actor);
    await until("a block ends the follow", async () => (await document(actor.followers)).totalItems === 0);
  });
  await step("never met a signature that it had to refuse", async () => {
    const refused = (await ada.deliveries()).filter((delivery) => delivery.refusal);
    assert.deepEqual(refused, []);
  });
}

async function renditions(step, ad) {
  const mastodon = await peer({ software: "mastodon" });
  const mobilizon = await peer({ software: "mobilizon" });
  for (const each of [mastodon, mobilizon]) {
    await step(`a ${each.software} server follows`, async () => {
      await each.follow(ad.actor);
      await each.receive("Accept", (a) => a.type === "Accept");
    });
  }
  await step("a new state is a Note for one and a renewed Group for the other", async () => {
    const text = "D’autres associations nous rejoignent";
    await ad.api.addMilestone(ad.id, { kind: "gathering", text });
    await mastodon.receive("the Note", (a) => a.type === "Create" && a.object.content?.includes(text));
    const update = await mobilizon.receive("the Group", (a) => a.type === "Update" && a.object.type === "Group");
    assert.equal(update.object.id, ad.actor);
    assert.match(update.object.summary, /regroupement en cours/);
    assert.ok(!(await mobilizon.deliveries()).some(({ activity }) => activity?.type === "Create"));
  });
}

async function peer(options) {
  const started = await startPeer(options);
  peers.push(started);
  return started;
}

async function page(ad) {
  const response = await fetch(ad.actor, { headers: { accept: "text/html" } });
  assert.equal(response.status, 200);
  return response.text();
}

async function document(id) {
  const response = await fetch(id, { headers: { accept: "application/activity+json" } });
  assert.equal(response.status, 200, id);
  return response.json();
}

async function findComment(ad, note) {
  const { items } = await ad.api.listComments(ad.id);
  return items.find((comment) => comment.origin === note);
}
