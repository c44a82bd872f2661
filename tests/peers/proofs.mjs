// Our proofs (FEP-8b32), verified by Fedify. `signed.json` is written by
// `EMANCIPASSO_DOCS=write cargo test --test it vocabulary`, and checked by the same test.
import { readFileSync } from "node:fs";
import { verifyProof } from "@fedify/fedify";
import { DataIntegrityProof } from "@fedify/vocab";
import { getDocumentLoader } from "@fedify/vocab-runtime";

const { author, signed } = JSON.parse(readFileSync(new URL("signed.json", import.meta.url)));
const contexts = getDocumentLoader();
let passed = 0;
let failed = 0;

function say(name, isRight) {
  console.log(`${isRight ? "ok" : "FAILED"}  ${name}`);
  isRight ? passed++ : failed++;
}

// nothing is asked outside: contexts come with the library, the author from the file
async function load(address) {
  if (address.split("#")[0] === author.id) {
    return { contextUrl: null, documentUrl: author.id, document: author };
  }
  return await contexts(address);
}

const options = { contextLoader: load, documentLoader: load };

async function isValid(document) {
  const { proof } = document;
  const read = await DataIntegrityProof.fromJsonLd(
    { "@context": document["@context"], ...proof },
    options,
  );
  return (await verifyProof(document, read, options)) != null;
}

for (const document of signed) {
  say(`Fedify verifies our ${document.type}`, await isValid(document));
  const altered = structuredClone(document);
  altered.id += "0";
  say(`Fedify refuses our ${document.type} once altered`, !(await isValid(altered)));
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
