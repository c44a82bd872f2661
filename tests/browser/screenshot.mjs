// The picture of README.md: one ad of the demonstration, on a desktop and on a phone, side by side.
//
//   tests/browser/run.sh screenshot      writes docs/screenshots/ad.png
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import UPNG from "upng-js";
import { BINARY } from "../harness/instance.mjs";
import { until } from "../harness/steps.mjs";
import { launch, openVisitor } from "./browser.mjs";

const TARGET = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const PORT = 8790;
const ORIGIN = `http://localhost:${PORT}`;
/** An ad with steps and replies. */
const TITLE = "agenda partagé";
const HEIGHT = 1280;
const MARGIN = 32;
/** Pages have few colours; fewer make a file that README pages bear well. */
const COLOURS = 128;
const MOST_BYTES = 250_000;

const demonstration = spawn(BINARY, ["demo", "--port", String(PORT)], { stdio: ["ignore", "pipe", "inherit"] });
const browser = await launch();
try {
  await isReady(demonstration);
  const address = await findAd();
  const pictures = [await take(address, "desktop", 1024), await take(address, "phone", 360)];
  const bytes = await putSideBySide(pictures);
  if (bytes.length > MOST_BYTES) throw new Error(`${bytes.length} bytes: ${MOST_BYTES} at most`);
  await mkdir(TARGET, { recursive: true });
  await writeFile(`${TARGET}ad.png`, bytes);
  console.log(`docs/screenshots/ad.png: ${bytes.length} bytes`);
} finally {
  await browser.close();
  demonstration.kill("SIGTERM");
}

/** The demonstration tells its addresses once its content is there. */
function isReady(child) {
  let said = "";
  let ended = false;
  child.stdout.on("data", (part) => (said += part));
  child.once("exit", () => (ended = true));
  return until("the demonstration is ready", () => ended || said.includes("Ctrl-C"), { seconds: 120 }).then(() => {
    if (ended) throw new Error("the demonstration ended");
  });
}

async function findAd() {
  const visitor = await openVisitor(browser, { origin: ORIGIN });
  await visitor.page.goto(`${ORIGIN}/annonces`);
  const link = visitor.page.getByRole("link", { name: TITLE }).first();
  const address = new URL(await link.getAttribute("href"), ORIGIN).href;
  await visitor.context.close();
  return address;
}

async function take(address, size, width) {
  const { page, context } = await openVisitor(browser, { origin: ORIGIN, size });
  await page.setViewportSize({ width, height: HEIGHT });
  await page.goto(address);
  const bytes = await page.screenshot();
  await context.close();
  return { bytes, width };
}

/** Returns a PNG with a palette. */
async function putSideBySide(pictures) {
  const width = pictures.reduce((sum, picture) => sum + picture.width + MARGIN, MARGIN);
  const page = await browser.newPage({ viewport: { width, height: HEIGHT + 2 * MARGIN } });
  const images = pictures.map(
    (picture) =>
      `<img alt="" src="data:image/png;base64,${picture.bytes.toString("base64")}" width="${picture.width}" height="${HEIGHT}">`,
  );
  await page.setContent(
    `<style>
       body { margin: ${MARGIN}px; display: flex; gap: ${MARGIN}px; background: #dcd6ca }
       img { border-radius: 12px }
     </style>${images.join("")}`,
  );
  const picture = UPNG.decode(await page.screenshot());
  await page.close();
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, COLOURS));
}
