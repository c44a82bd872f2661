// What the peer remembers. It lives as long as the process: the other side is the one under test.

export class Memory {
  /** Actor id → actor, of those who follow us. */
  followers = new Map();
  /** Note id → `{ note, readers }`; `readers` are the actor ids that may read it, or null when public. */
  notes = new Map();
  /** Ids of what we deleted; they answer 410 from then on. */
  deleted = new Set();
  /** Activity id → `{ activity, recipients }`: what we said, so that it can be undone. */
  said = new Map();
  /** Every request that reached an inbox, in order, with the facts of its verification. */
  deliveries = [];
  name = "Ada";
}
