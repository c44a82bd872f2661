import assert from "node:assert/strict";
import { until } from "../../harness/steps.mjs";
import {
  addAssociation,
  DEVICES,
  fill,
  follow,
  open,
  press,
  publishAd,
  readMistakes,
  seeFlash,
  seeTitle,
  signModeratorIn,
  signUp,
} from "../people.mjs";
import { drawPicture } from "../picture.mjs";

export const title = "Replies from other sites, and readers who follow from theirs";

const ANSWERS = {
  "Amélioration d’un logiciel": true,
  Titre: "Exporter les adhésions vers un tableur",
  "Votre besoin": "Notre trésorière recopie **trois cents adhésions** par an à la main, et se trompe parfois.",
  "Logiciel concerné (facultatif)": "Garradin",
  "Licence libre du résultat": "AGPL-3.0-or-later",
};

export async function tell(journey) {
  const { step, world, visit, browser } = journey;
  const author = await visit();
  const moderator = await visit();
  const ad = await step("an ad is published", async () => {
    await signUp(author, world, { name: "Camille Doré", email: "camille@example.org" });
    await addAssociation(author, "Les Amis du Vélo");
    await signModeratorIn(moderator, world, "moderation@example.org");
    const picture = await drawPicture(browser);
    return publishAd(author, moderator, world, { answers: ANSWERS, picture });
  });
  for (const [place, device] of Object.entries(DEVICES)) {
    await answer(journey, { place, device, ad, author, moderator });
    await followFromElsewhere(journey, { place, device, ad });
  }
}

/** Somebody on another server answers; the association reads, accepts or refuses on each device. */
async function answer({ step, world, visit, inspect }, { place, device, ad, author }) {
  const words = `J’ai un script qui le fait (${place}).`;
  const rude = `Débrouillez-vous (${place}).`;
  const { page } = author;
  const reader = await visit(device);
  const ada = await world.meet();

  await step(`${place}: replies from another server wait, unseen`, async () => {
    const { actor } = await ada.discover(await readHandle(reader, world, ad));
    const response = await fetch(actor.featured, { headers: { accept: "application/activity+json" } });
    const { orderedItems, items } = await response.json();
    const post = [orderedItems ?? items].flat()[0];
    await ada.reply(post, `<p>${words}</p><script>alert(1)</script>`);
    await ada.reply(post, `<p>${rude}</p>`);
    await resize(author, reader);
    await until("both replies wait", async () => {
      await open(author, world, ad.workshop);
      return page.getByText("2 réponses attendent votre accord").isVisible();
    });
    assert.ok(!(await read(reader, world, ad)).includes(words));
  });
  await step(`${place}: the association accepts one and refuses the other`, async () => {
    await follow(author, "2 réponses attendent votre accord");
    await seeTitle(author, /./);
    await inspect(author, "replies-to-read");
    const comment = (text) => page.locator("article", { hasText: text });
    await press(author, /^Accepter/, comment(words));
    await seeFlash(author, /./);
    await press(author, /^Refuser/, comment(rude));
    await page.getByText("Aucune réponse n’attend").waitFor();
    await inspect(author, "replies-all-read");
  });
  await step(`${place}: readers see the accepted one, harmless, and where it comes from`, async () => {
    const html = await read(reader, world, ad);
    const shown = reader.page.locator("article", { has: reader.page.getByText(words) }).last();
    await shown.getByText(ada.handle, { exact: false }).waitFor();
    await shown.getByText(`depuis ${new URL(ada.origin).host}`).waitFor();
    assert.ok(!html.includes(rude), "what was refused is not shown");
    assert.ok(!html.includes("alert(1)"), "nothing hostile remains");
    await inspect(reader, "ad-with-reply");
  });
}

/** A reader without account follows the ad from their own. */
async function followFromElsewhere({ step, world, visit, inspect }, { place, device, ad }) {
  const reader = await visit(device);
  const ada = await world.meet();
  const mastodon = await world.meet({ software: "mastodon" });

  await step(`${place}: “Suivre depuis mon compte” asks where the account is`, async () => {
    await open(reader, world, ad.address);
    await follow(reader, "Suivre depuis mon compte");
    await seeTitle(reader, "Suivre depuis mon compte");
    await inspect(reader, "follow");
    await press(reader, "Continuer sur mon site");
    assert.match((await readMistakes(reader)).join(), /Écrivez votre adresse/);
    await inspect(reader, "follow-refused");
  });
  await step(`${place}: a site that says how opens its own page`, async () => {
    const elsewhere = `${mastodon.origin}/authorize_interaction?uri=${encodeURIComponent(ad.address)}`;
    await fill(reader, { "Votre adresse, ou le nom de votre site": new URL(mastodon.origin).host });
    const field = reader.page.getByLabel("Votre adresse, ou le nom de votre site");
    await Promise.all([reader.page.waitForURL(elsewhere), field.press("Enter")]);
    // The one request to another host of all journeys: the reader asked for it.
    const requests = reader.faults.splice(0);
    assert.deepEqual(requests.filter((fault) => fault !== `request to another host: ${elsewhere}`), []);
  });
  await step(`${place}: for one that does not, there is an address to copy, which works`, async () => {
    await open(reader, world, ad.address);
    await follow(reader, "Suivre depuis mon compte");
    await fill(reader, { "Votre adresse, ou le nom de votre site": ada.handle });
    await press(reader, "Continuer sur mon site");
    await reader.page.getByText("Encore un geste").waitFor();
    await inspect(reader, "follow-copy");
    const handle = await reader.page.locator("#address").innerText();
    const { actor } = await ada.discover(handle);
    await ada.follow(actor.id);
    await ada.receive("Accept", ({ type }) => type === "Accept");
  });
  assert.deepEqual(await reader.context.cookies(), [], "nobody has to accept a cookie to follow");
}

/** The author reads on the device of the story. */
async function resize({ page }, { page: other }) {
  await page.setViewportSize(other.viewportSize());
}

async function read(reader, world, ad) {
  await open(reader, world, ad.address);
  return reader.page.content();
}

async function readHandle(reader, world, ad) {
  await open(reader, world, ad.address);
  return reader.page.locator("#handle").innerText();
}
