// Chromium, started so that it speaks to nobody on its own, and pages that are watched while they are used.
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const OUTPUT = fileURLToPath(new URL("./output/", import.meta.url));
export const SIZES = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 800 },
};

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
  });
}

/**
 * A person with a device of their own: cookies, size, colours, with or without scripts.
 * `visitor.faults` collects what must never happen on any page.
 *
 * @param origin where the instance is; every request elsewhere is a fault
 */
export async function openVisitor(browser, { origin, size = "desktop", javaScript = true, colours = "light" }) {
  const context = await browser.newContext({
    viewport: SIZES[size],
    hasTouch: size === "phone",
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    colorScheme: colours,
    reducedMotion: "reduce",
    javaScriptEnabled: javaScript,
  });
  context.setDefaultTimeout(10_000);
  const visitor = { context, page: await context.newPage(), faults: [], size, javaScript, colours };
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:", "about:"].includes(url.protocol)) {
      visitor.faults.push(`request to another host: ${url.href}`);
    }
  });
  context.on("requestfailed", (request) => {
    // A navigation that the visitor left behind is aborted; that is nobody's fault.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") visitor.faults.push(`${request.url()}: ${reason}`);
  });
  context.on("console", (message) => {
    // A page that rightly answers 4xx is logged as an error by Chromium.
    const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
    if (message.type() === "error" && !isStatus) visitor.faults.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => visitor.faults.push(`script: ${error.error().message}`));
  context.on("response", (response) => keepHtml(response).catch((error) => visitor.faults.push(error.message)));
  return visitor;
}

/** A picture for people to look at: `output/NAME-phone-dark.png`. */
export async function takeScreenshot(visitor, name) {
  await mkdir(OUTPUT, { recursive: true });
  const variant = [visitor.size, visitor.colours, visitor.javaScript ? null : "no-script"];
  await visitor.page.screenshot({
    path: `${OUTPUT}${[name, ...variant].filter(Boolean).join("-")}.png`,
    fullPage: true,
  });
}

/** Keeps each HTML page as it was served, for the validator. */
async function keepHtml(response) {
  const isPage = response.request().isNavigationRequest() && response.headers()["content-type"]?.startsWith("text/html");
  const isRedirect = response.status() >= 300 && response.status() < 400;
  if (!isPage || isRedirect) return;
  const body = await response.body().catch(() => null);
  if (body == null) return; // The visitor had already left the page.
  const path = new URL(response.url()).pathname.replace(/[^a-z0-9-]+/gi, "_").slice(0, 60);
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 8);
  await mkdir(`${OUTPUT}pages`, { recursive: true });
  await writeFile(`${OUTPUT}pages/${path}-${response.status()}-${digest}.html`, body);
}
