// Two copies of the peer speak to each other: what they cannot do together proves nothing about our server.
import assert from "node:assert/strict";
import { startPeer } from "../harness/peer.mjs";
import { Steps } from "../harness/steps.mjs";

const steps = new Steps();
const PUBLIC = "https://www.w3.org/ns/activitystreams#Public";

for (const firstKnock of ["cavage", "rfc9421"]) {
  const ada = await startPeer({ firstKnock });
  const bob = await startPeer({ firstKnock, host: "127.0.0.1" });
  await steps.story(`Two peers, ${firstKnock} first`, async (step) => {
    await step("finds the other by handle", async () => {
      const { subject, actor } = await ada.discover(bob.handle);
      assert.equal(subject, `acct:${bob.handle.slice(1)}`);
      assert.equal(actor.id, bob.actor);
    });
    await step("reads the other's NodeInfo", async () => {
      assert.equal((await ada.nodeInfo(bob.origin)).software.name, "ada");
    });
    const follow = await step("follows and is accepted", async () => {
      const { activity } = await ada.follow(bob.actor);
      const accept = await ada.receive("Accept", (a) => a.type === "Accept");
      assert.equal(accept.object.id ?? accept.object, activity);
      assert.deepEqual(await bob.followers(), [ada.actor]);
      return activity;
    });
    await step("signs as asked", async () => {
      const [delivery] = (await bob.deliveries()).filter((d) => d.activity.type === "Follow");
      assert.equal(delivery.signature, firstKnock);
      assert.ok(delivery.keyId.startsWith(ada.actor), delivery.keyId);
    });
    const message = await step("writes in private; only the addressee can fetch it", async () => {
      const { note } = await ada.mention(bob.actor, "<p>Entre nous</p>");
      await bob.receive("the private note", (a) => a.type === "Create" && a.object.id === note);
      assert.equal((await bob.fetch(note)).content, "<p>Entre nous</p>");
      const anonymous = await fetch(note, { headers: { accept: "application/activity+json" } });
      assert.ok(anonymous.status >= 400, `${anonymous.status}`);
      return note;
    });
    const reply = await step("replies in public", async () => {
      const { note } = await bob.reply(message, "<p>Bonjour</p>");
      const create = await ada.receive("the reply", (a) => a.type === "Create" && a.object.id === note);
      assert.equal(create.object.inReplyTo, message);
      assert.ok([PUBLIC, "as:Public"].includes([create.object.to].flat()[0]), "addressed to everybody");
      return note;
    });
    await step("edits, likes, boosts and undoes", async () => {
      await bob.edit(reply, "<p>Bonsoir</p>");
      const update = await ada.receive("the edit", (a) => a.type === "Update");
      assert.equal(update.object.content, "<p>Bonsoir</p>");
      for (const deed of ["like", "boost"]) {
        const { activity } = await ada[deed](reply);
        await bob.receive(deed, (a) => a.id === activity);
        await ada.undo(activity);
        await bob.receive(`undo of ${deed}`, (a) => a.type === "Undo" && a.object.id === activity);
      }
    });
    await step("renames, blocks, unblocks and reports", async () => {
      await ada.rename(bob.actor, "Ada L.");
      const update = await bob.receive("new name", (a) => a.type === "Update" && a.object.id === ada.actor);
      assert.equal(update.object.name, "Ada L.");
      const { activity } = await ada.block(bob.actor);
      await bob.receive("block", (a) => a.id === activity);
      await ada.undo(activity);
      await ada.flag(bob.actor, [reply], "Pour voir");
      const flag = await bob.receive("report", (a) => a.type === "Flag");
      assert.deepEqual([flag.object].flat(), [bob.actor, reply]);
    });
    await step("deletes a note, which is then gone", async () => {
      await bob.remove(reply);
      await ada.receive("deletion", (a) => a.type === "Delete" && (a.object.id ?? a.object) === reply);
      assert.equal((await fetch(reply)).status, 410);
    });
    await step("unfollows", async () => {
      await ada.undo(follow);
      assert.deepEqual(await bob.followers(), []);
    });
    await step("refuses what is unsigned or signed for another body", async () => {
      const forged = { "@context": "https://www.w3.org/ns/activitystreams", id: `${ada.actor}#x`, type: "Like", actor: ada.actor, object: message };
      for (const headers of [{}, { signature: `keyId="${ada.actor}#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="AAAA"` }]) {
        const response = await fetch(`${bob.origin}/users/ada/inbox`, {
          method: "POST",
          headers: { "content-type": "application/activity+json", date: new Date().toUTCString(), ...headers },
          body: JSON.stringify(forged),
        });
        assert.equal(response.status, 401);
      }
      const refused = (await bob.deliveries()).filter((d) => d.activity.id === forged.id);
      assert.equal(refused.length, 2);
      assert.ok(refused.every((d) => !d.verified && d.refusal));
    });
    await step("leaves; its actor is gone", async () => {
      await ada.leave(bob.actor);
      await bob.receive("departure", (a) => a.type === "Delete" && (a.object.id ?? a.object) === ada.actor);
      assert.equal((await fetch(ada.actor)).status, 410);
    });
  });
  ada.stop();
  bob.stop();
}
steps.finish();
