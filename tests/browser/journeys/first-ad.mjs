import assert from "node:assert/strict";
import {
  addAssociation,
  choosePicture,
  DEVICES,
  fill,
  follow,
  open,
  press,
  readForm,
  readMistakes,
  readPublicAddress,
  seeFlash,
  seePicture,
  seeTitle,
  signModeratorIn,
  signUp,
} from "../people.mjs";
import { drawPicture } from "../picture.mjs";

export const title = "A first ad, from its first word to its withdrawal";

const NEED =
  "Nous animons **douze ateliers** par mois, avec une trentaine de bénévoles.\n\nAujourd’hui, tout tient sur un planning mural.";
const MOTIVE = "Dites qui se servirait du logiciel et pour faire quoi : le besoin ne se comprend pas encore de l’extérieur.";
const ANSWER = "Nous avons ajouté qui s’en servirait : les bénévoles, pour s’inscrire aux ateliers.";
const STEP = "Deux associations voisines cherchent la même chose : nous écrivons le cahier des charges ensemble.";

export async function tell(journey) {
  const picture = await drawPicture(journey.browser);
  for (const [place, device] of Object.entries(DEVICES)) {
    const ad = await write(journey, { place, device, picture });
    await moderate(journey, ad);
    await live(journey, ad);
  }
}

/** From an account to a request for publication, with every mistake on the way. */
async function write({ step, world, visit, inspect }, { place, device, picture }) {
  const author = await visit(device);
  const email = `annonce.${place.replaceAll(" ", ".")}@example.org`;
  const association = `La Ressourcerie des Lilas ${place}`;
  // What is typed first, with a licence that is not free and no text.
  const answers = {
    "Logiciel à trouver ou à créer": true,
    Titre: `Un agenda partagé pour nos ateliers ${place}`,
    "Licence libre du résultat": "Une autre licence libre",
    "Budget envisagé (facultatif)": "Bénévolat",
    "Où ?": "Auvergne-Rhône-Alpes",
    "À répondre avant le (facultatif)": "31/12/2027",
    "Autre licence libre (facultatif)": "CC-BY-NC-4.0",
    "Mots-clés (facultatif)": "agenda, bénévoles",
  };

  await step(`${place}: adds an association`, async () => {
    await signUp(author, world, { name: "Camille Doré", email });
    await addAssociation(author, association);
    await seeFlash(author, `${association} est enregistrée.`);
    await inspect(author, "organisation");
  });
  await step(`${place}: a licence that is not free and a picture without words are refused, and nothing is lost`, async () => {
    await follow(author, "Publier un besoin");
    await seeTitle(author, "Publier un besoin");
    await inspect(author, "ad-form");
    await fill(author, answers);
    await choosePicture(author, { bytes: picture.bytes });
    await inspect(author, "ad-form-filled");
    await press(author, "Enregistrer le brouillon");
    const mistakes = await readMistakes(author);
    assert.ok(mistakes.some((line) => line.includes("CC-BY-NC-4.0") && line.includes("n’est pas une licence libre")), mistakes);
    assert.ok(mistakes.some((line) => line.includes("Décrivez l’image")), mistakes);
    assert.deepEqual(await readForm(author, answers), answers);
    await inspect(author, "ad-form-refused");
  });
  await step(`${place}: a line of the summary leads to its field`, async () => {
    await author.page.locator("#error-summary a", { hasText: "CC-BY-NC-4.0" }).click();
    await author.page.locator("#licence_other:focus").waitFor();
  });
  await step(`${place}: keeps a draft, with a picture and its words`, async () => {
    await fill(author, { "Licence libre du résultat": "AGPL-3.0-or-later", "Autre licence libre (facultatif)": "" });
    await choosePicture(author, picture);
    await press(author, "Enregistrer le brouillon");
    await seeFlash(author, "C’est enregistré.");
    await seePicture(author, picture.alt);
    await inspect(author, "draft");
  });
  await step(`${place}: cannot ask for publication without a text, and is told where to write it`, async () => {
    await press(author, "Demander la publication");
    assert.deepEqual(await readMistakes(author), [
      "Décrivez votre besoin en quelques phrases : qui s’en servirait, pour faire quoi.",
    ]);
    assert.deepEqual(await readForm(author, { Titre: answers.Titre }), { Titre: answers.Titre });
    await inspect(author, "ad-form-incomplete");
    await fill(author, { "Votre besoin": NEED });
    await press(author, "Enregistrer le brouillon");
    await seeTitle(author, answers.Titre);
  });
  await step(`${place}: asks for publication`, async () => {
    await press(author, "Demander la publication");
    await seeFlash(author, "C’est envoyé.");
    await inspect(author, "ad-in-review");
  });
  return { place, device, picture, author, email, association, title: answers.Titre, workshop: author.page.url() };
}

/** Refused with a motive, answered, approved. */
async function moderate({ step, world, visit, inspect }, ad) {
  const { place, device, picture, author, email } = ad;
  const moderator = await visit(device);

  await step(`${place}: a moderator refuses, and says why`, async () => {
    await signModeratorIn(moderator, world, `moderation.${place.replaceAll(" ", ".")}@example.org`);
    await open(moderator, world, "/moderation/file");
    await inspect(moderator, "queue");
    await follow(moderator, ad.title);
    await seePicture(moderator, picture.alt);
    await inspect(moderator, "ad-to-review");
    await press(moderator, "Refuser avec ces explications");
    assert.match((await readMistakes(moderator)).join(), /Expliquez ce qui empêche la publication/);
    await inspect(moderator, "ad-to-review-refused");
    await fill(moderator, { "Pourquoi refuser ?": MOTIVE });
    await press(moderator, "Refuser avec ces explications");
    await seeFlash(moderator, "L’annonce est refusée.");
  });
  await step(`${place}: the association reads why, corrects and answers`, async () => {
    const path = new URL(ad.workshop).pathname;
    await open(author, world, await world.readLink(email, path));
    await author.page.getByText(MOTIVE).waitFor();
    await inspect(author, "ad-refused");
    await follow(author, "Modifier l’annonce");
    await fill(author, { "Votre besoin": `${NEED}\n\nLes bénévoles s’en serviraient pour s’inscrire.` });
    await press(author, "Enregistrer le brouillon");
    await fill(author, { "Votre réponse à la modération (facultatif)": ANSWER });
    await press(author, "Demander de nouveau la publication");
    await seeFlash(author, "C’est envoyé.");
  });
  await step(`${place}: the moderator reads the answer, and approves`, async () => {
    await open(moderator, world, "/moderation/file");
    await follow(moderator, ad.title);
    await moderator.page.getByText(ANSWER).waitFor();
    await inspect(moderator, "ad-to-review-answered");
    await press(moderator, "Publier l’annonce");
    await seeFlash(moderator, "L’annonce est publiée, et son organisation prévenue.");
  });
}

/** Read by everybody, told further, and taken back. */
async function live({ step, world, visit, inspect }, ad) {
  const { place, device, picture, author } = ad;
  const reader = await visit(device);
  let address;

  await step(`${place}: anybody finds the ad in the list, and reads it`, async () => {
    await open(reader, world, "/annonces");
    await inspect(reader, "ads");
    await reader.page.getByLabel("Mots cherchés").fill("benevoles");
    await press(reader, "Filtrer");
    await inspect(reader, "ads-found");
    await follow(reader, ad.title);
    await seeTitle(reader, ad.title);
    const main = reader.page.locator("main");
    await seePicture(reader, picture.alt);
    await main.locator("strong", { hasText: "douze ateliers" }).waitFor();
    await main.getByText(ad.association).first().waitFor();
    await inspect(reader, "ad");
    assert.deepEqual(await reader.context.cookies(), [], "reading leaves no cookie");
    await open(author, world, ad.workshop);
    address = await readPublicAddress(author);
    assert.equal(reader.page.url(), address);
  });
  await step(`${place}: the association tells a step, and readers see it`, async () => {
    await inspect(author, "ad-published");
    await press(author, "Publier cette étape");
    assert.equal((await readMistakes(author)).length, 2);
    await inspect(author, "step-refused");
    await fill(author, { "Le regroupement commence": true, "Racontez en quelques phrases": STEP });
    await press(author, "Publier cette étape");
    await seeFlash(author, "C’est publié sur l’annonce");
    await inspect(author, "step-told");
    await open(reader, world, address);
    await reader.page.getByText(STEP).waitFor();
    await reader.page.getByText("Regroupement en cours").first().waitFor();
    await inspect(reader, "ad-with-step");
  });
  await step(`${place}: what was said before an edit is kept`, async () => {
    await open(author, world, ad.workshop);
    await follow(author, "Modifier l’annonce");
    await fill(author, { "Votre besoin": `${NEED}\n\nNous serons quarante à la rentrée.` });
    await press(author, "Enregistrer les changements");
    await follow(author, "Historique des changements");
    await author.page.locator("ins", { hasText: "quarante" }).waitFor();
    await inspect(author, "history");
  });
  await step(`${place}: withdrawn, its address says when, and the list forgets it`, async () => {
    await open(author, world, ad.workshop);
    await follow(author, "Retirer l’annonce");
    await inspect(author, "withdrawal");
    await press(author, "Retirer l’annonce");
    await seeFlash(author, "L’annonce est retirée.");
    await inspect(author, "ad-withdrawn");
    const response = await open(reader, world, address);
    assert.equal(response.status(), 410);
    await seeTitle(reader, "Contenu retiré");
    const year = new Date().getFullYear();
    await reader.page.getByText(new RegExp(`Ce contenu a été retiré le\\s\\d.*\\s${year}`)).waitFor();
    assert.ok(!(await reader.page.content()).includes("douze ateliers"));
    await inspect(reader, "ad-gone");
    await open(reader, world, "/annonces?status=all");
    assert.equal(await reader.page.getByText(ad.title).count(), 0);
  });
}
