// The instance is ended by `kill -9` while it takes in and sends out, several times over. What it had said yes to
// (201 to its own people, 202 to other servers) must be there afterwards, once.
import assert from "node:assert/strict";
import { startInstance } from "../harness/instance.mjs";
import { startPeer } from "../harness/peer.mjs";
import { Steps, until } from "../harness/steps.mjs";
import { publishAd } from "./ad.mjs";

const CUTS = 5;
/** Requests under way at once when the power goes. */
const WAVE = 6;
/**
 * Work that a killed process had taken is free again at once on SQLite, which one process serves. On PostgreSQL
 * others may be at it: it is free when the lease ends, after five minutes at most.
 */
const PATIENCE = { seconds: process.env.INSTANCE_POSTGRES_URL ? 420 : 60 };

const steps = new Steps();
const instance = await startInstance();
const ada = await startPeer();
try {
  await steps.story(`Power is cut ${CUTS} times`, tell);
} finally {
  if (steps.failed > 0) console.log(`\nThe end of the instance's log:\n${await instance.logTail()}`);
  ada.stop();
  await instance.discard();
}
steps.finish();

async function tell(step) {
  const ad = await step("an ad is followed", async () => {
    const ad = await publishAd(instance);
    await ada.follow(ad.actor);
    await ada.receive("Accept", (a) => a.type === "Accept");
    return ad;
  });
  const post = await findPost(ad);
  const milestones = [];
  const replies = [];
  await step("milestones are published and replies arrive while it is cut", async () => {
    for (let cut = 0; cut < CUTS; cut += 1) {
      const wave = Array.from({ length: WAVE }, (_, i) => `coupure ${cut}, numéro ${i} ;`);
      const published = wave.map((text) => attempt(milestones, text, () => ad.api.addMilestone(ad.id, { text })));
      const received = wave.map((text) => {
        const answer = `réponse à la ${text}`;
        return attempt(replies, answer, () => ada.reply(post, `<p>${answer}</p>`));
      });
      // Publishing answers first and a reply later: the power goes at one moment or the other.
      await Promise.race((cut % 2 === 0 ? published : received).slice(cut));
      await instance.kill();
      await Promise.all([...published, ...received]);
      await instance.start();
    }
    assert.ok(milestones.some(({ accepted }) => accepted), "no milestone got through");
    assert.ok(replies.some(({ accepted }) => accepted), "no reply got through");
    assert.ok([...milestones, ...replies].some(({ accepted }) => !accepted), "no request was cut off");
  });
  await step("every accepted milestone reaches the follower, as one post", async () => {
    for (const { text, accepted } of milestones) {
      if (accepted) await ada.receive(text, (a) => a.type === "Create" && a.object.content?.includes(text), PATIENCE);
    }
    const creates = (await ada.deliveries()).map(({ activity }) => activity).filter((a) => a?.type === "Create");
    for (const { text } of milestones) {
      const ids = creates.filter((a) => a.object.content?.includes(text)).map((a) => `${a.id} ${a.object.id}`);
      assert.ok(new Set(ids).size <= 1, `${text}: ${ids}`);
    }
  });
  await step("every accepted reply waits for moderation, once", async () => {
    const kept = (text) => async () => (await ad.api.listComments(ad.id)).items.filter((c) => JSON.stringify(c).includes(text));
    for (const { text, accepted } of replies) {
      if (accepted) await until(text, async () => (await kept(text)()).length > 0, PATIENCE);
      assert.ok((await kept(text)()).length <= 1, `${text} is there twice`);
    }
  });
}

/** Notes whether the answer was a yes; a connection that broke is neither yes nor no. */
async function attempt(log, text, deed) {
  const entry = { text, accepted: false };
  log.push(entry);
  await deed().then(
    () => (entry.accepted = true),
    () => {},
  );
}

async function findPost(ad) {
  const { actor } = await ada.discover(ad.handle);
  const featured = await ada.fetch(actor.featured);
  return [featured.orderedItems ?? featured.items].flat()[0];
}
