// The checks are tried on pages that we made: a good one passes them all, and each bad one is caught.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVisitor } from "./browser.mjs";
import * as checks from "./checks.mjs";
import { validate } from "./validator.mjs";

const CSS = `
  :root { color-scheme: light dark; font-family: sans-serif; line-height: 1.5; background: white; color: black }
  body { margin: 1rem }
  button, input { font: inherit }
  a { color: #00c }
  @media (prefers-color-scheme: dark) { :root { background: black; color: white } a { color: #9cf } }
  a, button, input { min-height: 1.5rem; display: inline-block }
  p a { display: inline }
  :focus-visible { outline: 3px solid currentcolor; outline-offset: 2px }`;

const GOOD = page(
  `<p>Une phrase avec <a href="/suite">un lien</a> dedans.</p>
   <form action="/"><label for="nom">Nom</label> <input id="nom" name="nom" autocomplete="name">
   <button type="submit">Envoyer</button></form>`,
);

/** Check → a page that only this check has to catch, and words of the fault. */
const BAD = [
  [checks.axe, page(`<img src="/style.css" width="24" height="24">`), "image-alt"],
  [checks.reflow, page(`<p style="width: 40rem">Trop large</p>`), "px wide in 320"],
  [checks.largeText, page(`<p style="font-size: 12px">Taille figée</p>`), "does not grow"],
  [checks.largeText, page(`<p style="height: 1.6em; overflow: hidden; width: 6rem">coupé</p><p style="height: 20px; overflow: hidden">coupé aussi</p>`), "cut off"],
  [checks.textSpacing, page(`<p style="height: 1.2em; line-height: 1.2; overflow: hidden">coupé</p>`), "cut off"],
  [checks.tabWalk, page(`<button type="button" style="outline: none">Sans contour</button>`), "cannot be seen"],
  [checks.tabWalk, page(`<button type="button" onfocus="this.blur()">Fuyant</button>`), "does not reach"],
  [checks.targetSize, page(`<nav aria-label="Petit"><a href="/" style="display: block; min-height: 0; width: 10px; height: 10px; overflow: hidden">x</a></nav>`), "10 × 10"],
];

export async function proveChecks(steps, browser) {
  let html = GOOD;
  const server = createServer((request, response) => {
    if (request.url === "/style.css") response.setHeader("content-type", "text/css").end(CSS);
    else response.setHeader("content-type", "text/html; charset=utf-8").end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const visitor = await openVisitor(browser, { origin, size: "phone" });
  await steps.story("The checks themselves", async (_step, check) => {
    const look = async (page) => {
      html = page;
      await visitor.page.goto(origin);
    };
    await check("a good page has no fault", async () => {
      await look(GOOD);
      assert.deepEqual(await checks.everything(visitor), []);
      assert.deepEqual(visitor.faults, []);
    });
    for (const [run, page, words] of BAD) {
      await check(`${run.name} catches “${words}”`, async () => {
        await look(page);
        const faults = await run(visitor.page);
        assert.ok(faults.some((fault) => fault.includes(words)), JSON.stringify(faults));
      });
    }
    await check("a request to another host is a fault", async () => {
      visitor.faults.length = 0;
      await look(page(`<img alt="" src="http://127.0.0.1:9/ailleurs.png">`));
      assert.ok(visitor.faults.some((fault) => fault.startsWith("request to another host")));
    });
    await check("an error in a script is a fault", async () => {
      visitor.faults.length = 0;
      await look(page(`<script>throw new Error("cassé")</script>`));
      assert.ok(visitor.faults.some((fault) => fault.includes("cassé")));
    });
    await check("the validator tells good from bad", async () => {
      const folder = await mkdtemp(join(tmpdir(), "pages-"));
      await writeFile(join(folder, "good.html"), GOOD);
      assert.deepEqual(await validate(folder), { pages: 1, faults: [] });
      await writeFile(join(folder, "bad.html"), page("<p><div>Mal imbriqué</div></p>"));
      assert.ok((await validate(folder)).faults.length > 0);
      await rm(folder, { recursive: true });
    });
  });
  await visitor.context.close();
  server.close();
}

function page(main) {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,"></head>
    <body><header><a href="#contenu">Aller au contenu</a></header>
    <main id="contenu" tabindex="-1"><h1>Essai</h1>${main}</main></body></html>`;
}
