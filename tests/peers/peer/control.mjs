// The peer's remote control: a driver script posts a deed by its name and reads what arrived.
import { FetchError, SendActivityError } from "@fedify/fedify";
import { json } from "./http.mjs";
import { Refusal } from "./deeds.mjs";

const DEEDS = new Set([
  "discover",
  "fetch",
  "nodeInfo",
  "follow",
  "reply",
  "mention",
  "edit",
  "remove",
  "like",
  "boost",
  "block",
  "flag",
  "undo",
  "rename",
  "leave",
]);

export function createControl({ deeds, memory, actor }) {
  return async (request, body) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") return read(pathname, { memory, actor });
    const name = pathname.replace("/control/", "");
    if (!DEEDS.has(name)) return json({ error: `no deed called ${name}` }, 404);
    try {
      return json(await deeds[name](JSON.parse(body.toString("utf8"))));
    } catch (error) {
      return failure(error);
    }
  };
}

function read(pathname, { memory, actor }) {
  switch (pathname) {
    case "/control/self":
      return json({ actor });
    case "/control/received":
      return json(memory.deliveries);
    case "/control/followers":
      return json([...memory.followers.keys()]);
    default:
      return json({ error: "not found" }, 404);
  }
}

function failure(error) {
  if (error instanceof SendActivityError) {
    return json({ error: error.message, inboxStatus: error.statusCode, body: error.responseBody }, 502);
  }
  // The other side does not answer at all: drivers that end it on purpose expect this.
  if (error instanceof FetchError) return json({ error: error.message }, 502);
  if (error instanceof Refusal) return json({ error: error.message }, 422);
  console.error(error);
  return json({ error: String(error) }, 500);
}
