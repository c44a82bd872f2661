// The calls of `/api/v1` that the journey needs, in one place. The contract is `/api/v1/openapi.json`.
import assert from "node:assert/strict";

export class Api {
  #origin;
  #token;

  constructor(origin, token) {
    this.#origin = origin;
    this.#token = token;
  }

  createOrganisation(organisation) {
    return this.#call("POST", "/organisations", organisation, 201);
  }

  createAd({ organisation, ...ad }) {
    return this.#call("POST", `/ads?organisation=${organisation}`, ad, 201);
  }

  publishAd(id) {
    return this.#call("POST", `/ads/${id}/publish`, {}, 200);
  }

  /** `decision` is `approve` or `refuse`. */
  decideOnAd(id, decision, motive) {
    return this.#call("POST", `/moderation/ads/${id}/decision`, { decision, motive }, 200);
  }

  addMilestone(id, milestone) {
    return this.#call("POST", `/ads/${id}/milestones`, milestone, 201);
  }

  /** Of all the posts of a published ad: `{ likes, boosts }`. */
  async countReactions(number) {
    const { likes, boosts } = await this.#call("GET", `/ads/by-number/${number}`, undefined, 200);
    return { likes, boosts };
  }

  /** The replies that wait. */
  listComments(id) {
    return this.#call("GET", `/ads/${id}/comments?state=pending&limit=100`, undefined, 200);
  }

  /** `decision` is `accept` or `refuse`. */
  decideOnComment(id, decision) {
    return this.#call("POST", `/comments/${id}/decision`, { decision }, 200);
  }

  async #call(method, path, body, expected) {
    const response = await fetch(`${this.#origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    assert.equal(response.status, expected, `${method} ${path}: ${text}`);
    return text ? JSON.parse(text) : null;
  }
}
