// What people do on the pages, in the words that they read there.
import assert from "node:assert/strict";
import { until } from "../harness/steps.mjs";

/** The devices of a journey: what every page must work on. The first one is inspected. */
export const DEVICES = {
  "on a phone": { size: "phone" },
  "on a desktop": { size: "desktop" },
  "on a phone without scripts": { size: "phone", javaScript: false },
  "on a desktop without scripts": { size: "desktop", javaScript: false },
};

export const LINK_PATH = "/connexion/lien";

/** Opens an address of the instance, or a whole one; returns the response. */
export async function open({ page }, world, address) {
  return page.goto(new URL(address, world.origin).href);
}

/** Sends the form that this button belongs to, and waits for the page that answers. */
export async function press({ page }, name, where = page.locator("main")) {
  await Promise.all([page.waitForEvent("load"), where.getByRole("button", { name }).click()]);
}

/** Follows a link of the page itself, not of its header or footer. */
export async function follow({ page }, name, where = page.locator("main")) {
  await Promise.all([page.waitForEvent("load"), where.getByRole("link", { name }).click()]);
}

/** Waits until the title of the page is this one. */
export async function seeTitle({ page }, name) {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** Waits for the words that say what was just done. */
export async function seeFlash({ page }, words) {
  await page.getByRole("status").getByText(words).waitFor();
}

/** Waits until the picture that these words describe is drawn. */
export async function seePicture({ page }, alt) {
  const picture = page.locator("main").getByAltText(alt);
  await picture.waitFor();
  await until(`drawn: ${alt}`, () => picture.evaluate((image) => image.complete && image.naturalWidth > 0));
}

/**
 * The mistakes of a form that was refused: the summary has the focus, and each line leads to its field.
 * The spaces that French sets before some signs are plain ones here.
 */
export async function readMistakes({ page }) {
  await page.locator("#error-summary:focus").waitFor();
  const lines = page.locator("#error-summary li a");
  for (const line of await lines.all()) {
    const field = page.locator(await line.getAttribute("href"));
    assert.equal(await field.count(), 1, `a field for: ${await line.innerText()}`);
  }
  const texts = await lines.allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s/g, " "));
}

/** Answers to the fields of a form by their labels; a field whose answer is `true` is ticked. */
export async function fill({ page }, answers) {
  const main = page.locator("main");
  for (const [label, answer] of Object.entries(answers)) {
    const field = main.getByLabel(label, { exact: true });
    if (answer === true) {
      // People click the words.
      await main.getByText(label, { exact: true }).click();
      assert.ok(await field.isChecked(), label);
    } else if ((await field.evaluate((element) => element.localName)) === "select") {
      await field.selectOption({ label: answer });
    } else {
      await field.fill(answer);
    }
  }
}

/** What is typed in a form now, by label, to compare with what was. */
export async function readForm({ page }, answers) {
  const kept = {};
  for (const [label, answer] of Object.entries(answers)) {
    const field = page.locator("main").getByLabel(label, { exact: true });
    kept[label] = await field.evaluate((element, isTick) => {
      if (isTick) return element.checked;
      if (element.localName === "select") return element.selectedOptions[0].label;
      return element.value;
    }, answer === true);
  }
  return kept;
}

/** Asks for a link on `/connexion` and returns its address. */
export async function askLink(visitor, world, email) {
  await open(visitor, world, "/connexion");
  await fill(visitor, { "Adresse e-mail": email });
  await press(visitor, "Recevoir un lien de connexion");
  await seeTitle(visitor, "Regardez vos e-mails");
  return world.readLink(email, LINK_PATH);
}

/** Signs in somebody who has an account. */
export async function signIn(visitor, world, email) {
  await open(visitor, world, await askLink(visitor, world, email));
  await press(visitor, "Me connecter");
  await seeTitle(visitor, "Mon espace");
}

/** Opens an account for an association and stops at the form of the organisation. */
export async function signUp(visitor, world, { name, email }) {
  await open(visitor, world, "/inscription");
  await fill(visitor, { "Une association": true, "Adresse e-mail": email });
  await press(visitor, "Recevoir un lien pour continuer");
  await open(visitor, world, await world.readLink(email, LINK_PATH));
  await fill(visitor, { "Votre nom": name });
  await press(visitor, "Créer mon compte");
  await seeTitle(visitor, "Ajouter une association");
}

/** Records an association whose postal code belongs to one commune only; stops at its page for members. */
export async function addAssociation(visitor, name) {
  await fill(visitor, {
    Nom: name,
    "Forme juridique": "Association loi 1901",
    "Code postal du siège": "69001",
  });
  await press(visitor, "Enregistrer");
  await seeTitle(visitor, name);
}

/** Signs a member of the moderation in, with an account made on the command line. */
export async function signModeratorIn(visitor, world, email) {
  await world.instance.createAccount({ email, name: "Dominique", role: "moderator" });
  await signIn(visitor, world, email);
}

/** Publishes an ad from the page for members of its organisation; returns the addresses of its two pages. */
export async function publishAd(author, moderator, world, { answers, picture }) {
  await follow(author, "Publier un besoin");
  await fill(author, answers);
  if (picture) await choosePicture(author, picture);
  await press(author, "Enregistrer le brouillon");
  await seeTitle(author, answers.Titre);
  await press(author, "Demander la publication");
  await seeFlash(author, "C’est envoyé.");
  await open(moderator, world, "/moderation/file");
  await follow(moderator, answers.Titre);
  await press(moderator, "Publier l’annonce");
  await author.page.reload();
  return { workshop: author.page.url(), address: await readPublicAddress(author) };
}

/** Where readers find the ad whose page for members is open. */
export async function readPublicAddress({ page }) {
  const link = page.getByRole("link", { name: "Voir l’annonce publiée" });
  return new URL(await link.getAttribute("href"), page.url()).href;
}

export async function choosePicture({ page }, { bytes, alt }) {
  const file = { name: "IMG_2041.png", mimeType: "image/png", buffer: bytes };
  await page.getByLabel("Choisir une image").setInputFiles(file);
  if (alt) await page.getByLabel("Ce que l’image montre").fill(alt);
}
