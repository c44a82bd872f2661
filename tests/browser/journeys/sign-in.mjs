import assert from "node:assert/strict";
import {
  askLink,
  DEVICES,
  fill,
  follow,
  LINK_PATH,
  open,
  press,
  readForm,
  readMistakes,
  seeFlash,
  seeTitle,
} from "../people.mjs";

export const title = "Signing up, signing in and out";

const PASSWORD = "trois vélos sous la pluie";

export async function tell(journey) {
  for (const [place, device] of Object.entries(DEVICES)) await live(journey, place, device);
}

async function live({ step, world, visit, inspect }, place, device) {
  const email = `${place.replaceAll(" ", ".")}@example.org`;
  const name = `Camille ${place}`;
  const camille = await visit(device);

  await step(`${place}: says on whose behalf they come, and is sent a link`, async () => {
    await open(camille, world, "/inscription");
    await inspect(camille, "sign-up");
    await fill(camille, { "Adresse e-mail": email });
    await press(camille, "Recevoir un lien pour continuer");
    assert.deepEqual(await readMistakes(camille), ["Choisissez pour qui vous venez."]);
    assert.deepEqual(await readForm(camille, { "Adresse e-mail": email }), { "Adresse e-mail": email });
    await inspect(camille, "sign-up-refused");
    await fill(camille, { "Une association": true });
    await press(camille, "Recevoir un lien pour continuer");
    await seeFlash(camille, email);
    await inspect(camille, "link-sent");
  });
  const first = await world.readLink(email, LINK_PATH);
  await step(`${place}: opens the account with the link`, async () => {
    await open(camille, world, first);
    await inspect(camille, "link-new-account");
    await fill(camille, { "Votre nom": name });
    await press(camille, "Créer mon compte");
    await seeFlash(camille, `Bonjour ${name}`);
    await seeTitle(camille, "Ajouter une association");
    await inspect(camille, "organisation-form");
  });
  await step(`${place}: tells which association, out of several communes with one postal code`, () =>
    addAssociationOfSharedCode(camille, place),
  );
  const stranger = await visit(device);
  await step(`${place}: the link opens nothing more, here or elsewhere`, async () => {
    const response = await open(stranger, world, first);
    assert.equal(response.status(), 410);
    await seeTitle(stranger, "Ce lien ne sert plus");
    await inspect(stranger, "link-over");
    await open(stranger, world, "/compte");
    await seeTitle(stranger, "Se connecter");
    await inspect(stranger, "sign-in");
  });
  await step(`${place}: chooses a password, which nobody has to`, async () => {
    await open(camille, world, "/compte/mot-de-passe");
    await inspect(camille, "password");
    await fill(camille, { "Nouveau mot de passe": "court", "Nouveau mot de passe, une seconde fois": "court" });
    await press(camille, "Enregistrer le mot de passe");
    assert.match((await readMistakes(camille)).join(), /12 caractères ou plus/);
    const twice = { "Nouveau mot de passe": PASSWORD, "Nouveau mot de passe, une seconde fois": PASSWORD };
    await fill(camille, twice);
    await press(camille, "Enregistrer le mot de passe");
    await seeFlash(camille, "Votre mot de passe est enregistré.");
    await inspect(camille, "password-kept");
  });
  const tablet = await visit(device);
  await step(`${place}: another browser has to confirm a link that was asked for here`, async () => {
    // Asked for while signed out, opened elsewhere: a mail read on another device.
    const asking = await visit(device);
    await open(tablet, world, await askLink(asking, world, email));
    await tablet.page.getByText("Est-ce bien vous ?").waitFor();
    await inspect(tablet, "link-elsewhere");
    await press(tablet, "Me connecter");
    assert.deepEqual(await readMistakes(tablet), ["Confirmez que c’est bien vous qui avez demandé ce lien."]);
    await inspect(tablet, "link-elsewhere-refused");
    await fill(tablet, { "Oui, c’est moi qui ai demandé ce lien": true });
    await press(tablet, "Me connecter");
    await seeTitle(tablet, "Mon espace");
    await inspect(tablet, "dashboard");
  });
  await step(`${place}: the password signs in, a wrong one does not`, async () => {
    await enterPassword(stranger, email, "pas la bonne phrase");
    assert.match((await readMistakes(stranger)).join(), /ne vont pas ensemble/);
    await inspect(stranger, "sign-in-refused");
    await stranger.page.getByLabel("Mot de passe").fill(PASSWORD);
    await press(stranger, "Se connecter avec le mot de passe");
    // Where they were going when they had to sign in.
    await seeTitle(stranger, "Mon espace");
  });
  await step(`${place}: sees three browsers, and signs one out, then the others`, async () => {
    await open(camille, world, "/compte/sessions");
    const lines = camille.page.locator("tbody tr");
    assert.equal(await lines.count(), 3);
    assert.equal(await lines.filter({ hasText: "cet appareil" }).count(), 1);
    await inspect(camille, "sessions");
    await press(camille, /^Déconnecter (?!tous)/, lines.filter({ hasNotText: "cet appareil" }).first());
    await seeFlash(camille, "Cet appareil est déconnecté.");
    assert.equal(await lines.count(), 2);
    assert.equal(await countSignedIn(world, [tablet, stranger]), 1);
    await press(camille, "Déconnecter tous les autres appareils");
    await seeFlash(camille, "1 autre appareil déconnecté.");
    assert.equal(await countSignedIn(world, [tablet, stranger]), 0);
  });
  await step(`${place}: changes their name, then signs out`, async () => {
    await open(camille, world, "/compte/profil");
    await inspect(camille, "profile");
    await fill(camille, { "Votre nom": "Camille D." });
    await press(camille, "Enregistrer");
    await seeFlash(camille, "Votre profil est enregistré.");
    const header = camille.page.getByRole("banner");
    await header.getByText("Camille D.").click();
    await press(camille, "Se déconnecter", header);
    await seeFlash(camille, "Vous êtes déconnecté·e.");
    await inspect(camille, "home");
    await follow(camille, "Se connecter", header);
    await seeTitle(camille, "Se connecter");
  });
}

async function countSignedIn(world, visitors) {
  let count = 0;
  for (const visitor of visitors) {
    const response = await open(visitor, world, "/compte");
    if (new URL(response.url()).pathname === "/compte") count += 1;
  }
  return count;
}

async function enterPassword({ page }, email, password) {
  await page.getByLabel("Adresse e-mail").fill(email);
  await page.getByText("J’ai choisi un mot de passe").click();
  await page.getByLabel("Mot de passe").fill(password);
  await press({ page }, "Se connecter avec le mot de passe");
}

/** With scripts the communes are proposed at once; without, once the form was sent. */
async function addAssociationOfSharedCode(visitor, place) {
  const answers = {
    Nom: `Les Amis du Vélo ${place}`,
    "Forme juridique": "Association loi 1901",
    "Code postal du siège": "38160",
  };
  await fill(visitor, answers);
  if (!visitor.javaScript) {
    await press(visitor, "Enregistrer");
    assert.deepEqual(await readMistakes(visitor), ["Plusieurs communes ont ce code postal : choisissez la vôtre."]);
    assert.deepEqual(await readForm(visitor, answers), answers);
  }
  await fill(visitor, { Commune: "Saint-Marcellin" });
  await press(visitor, "Enregistrer");
  await seeTitle(visitor, answers.Nom);
}
