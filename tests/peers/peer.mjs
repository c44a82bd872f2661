// An independent ActivityPub server with one person, @ada, played by a driver script over a control API.
//
//   node peer.mjs [--software NAME] [--first-knock cavage|rfc9421] [--host localhost|127.0.0.1]
//
// Both listeners take free ports on loopback; one line of JSON on stdout says where:
//   {"origin":"http://localhost:40001","control":"http://127.0.0.1:40002","actor":"…","handle":"@ada@localhost:40001"}
// PEERS_DEBUG=1 writes Fedify's own log to stderr.
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { configure, getStreamSink } from "@logtape/logtape";
import { listen } from "./peer/http.mjs";
import { Memory } from "./peer/memory.mjs";
import { createPerson, IDENTIFIER } from "./peer/federation.mjs";
import { Deeds } from "./peer/deeds.mjs";
import { createControl } from "./peer/control.mjs";

const KNOCKS = { cavage: "draft-cavage-http-signatures-12", rfc9421: "rfc9421" };

const { values } = parseArgs({
  options: {
    software: { type: "string", default: "ada" },
    "first-knock": { type: "string", default: "cavage" },
    host: { type: "string", default: "localhost" },
  },
});
const firstKnock = KNOCKS[values["first-knock"]];
if (!firstKnock) {
  console.error("--first-knock is cavage or rfc9421");
  process.exit(2);
}

if (process.env.PEERS_DEBUG) {
  await configure({
    sinks: { stderr: getStreamSink(Writable.toWeb(process.stderr)) },
    loggers: [
      { category: "fedify", sinks: ["stderr"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
}

// The origin holds the port, which is known once the socket listens; the first request comes after stdout is written.
let handle;
const { port } = await listen(0, (request, body) => handle(request, body));
const origin = `http://${values.host}:${port}`;
const memory = new Memory();
const person = await createPerson({ memory, origin, software: values.software, firstKnock });
handle = person.handle;

const actor = `${origin}/users/${IDENTIFIER}`;
const deeds = new Deeds({ federation: person.federation, memory, origin });
const control = await listen(0, createControl({ deeds, memory, actor }));
console.log(
  JSON.stringify({
    origin,
    control: `http://127.0.0.1:${control.port}`,
    actor,
    handle: `@${IDENTIFIER}@${values.host}:${port}`,
  }),
);
