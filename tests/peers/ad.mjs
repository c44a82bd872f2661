// One published ad of an association, made through the command line and the API.
import { Api } from "./api.mjs";

const SCOPES = ["ads:write", "organisations:write", "moderation:write", "comments:write"];
export const ORGANISATION = {
  name: "Les Amis du Vélo",
  kind: "association",
  legal_form: "association-1901",
  postal_code: "29200",
};
export const AD = {
  kind: "software",
  title: "Un agenda partagé pour nos ateliers",
  need: "Nous animons **douze ateliers** par mois et cherchons un agenda libre.",
  licence: "AGPL-3.0-or-later",
};

/** Returns `{ id, number, organisation, api, actor, handle }`; `api` acts as the person that owns the ad. */
export async function publishAd(instance) {
  const { api } = await signUp(instance, { name: "Camille", role: "member" });
  // Nobody decides on an ad of their own organisation.
  const moderation = await signUp(instance, { name: "Dominique", role: "moderator" });
  const organisation = await api.createOrganisation(ORGANISATION);
  const { id } = await api.createAd({ organisation: organisation.id, ...AD });
  await api.publishAd(id);
  const { number, url } = await moderation.api.decideOnAd(id, "approve");
  return { id, number, organisation, api, actor: url, handle: `@annonce_${number}@${instance.authority}` };
}

/** An account and a key of it. */
export async function signUp(instance, { name, role }) {
  const email = `${name.toLowerCase()}@example.org`;
  await instance.createAccount({ email, name, role });
  const token = await instance.createToken({ email, scopes: SCOPES });
  return { token, api: new Api(instance.origin, token) };
}
