// What every page must stand: each check returns a list of faults in plain words, empty when all is well.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const AXE = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const FRENCH = JSON.parse(await readFile(require.resolve("axe-core/locales/fr.json"), "utf8"));
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4"];

/** WCAG 2.5.8: pointer targets, in CSS pixels. */
const MINIMUM_TARGET = 24;
/** WCAG 1.4.10: the width at which a page must still be read without scrolling sideways. */
const REFLOW_WIDTH = 320;
/** On a telephone larger text is the same question as a narrower screen, which reflow asks. */
const WIDE = 1280;
/** Titles follow the width of the window as well, so they grow less than what surrounds them, and stay larger. */
const LEAST_GROWTH = 1.5;

/** axe-core, WCAG 2.2 AA and RGAA 4, in the colours that the page has now. Needs scripts. */
export async function axe(page) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    async ({ locale, tags }) => {
      window.axe.configure({ locale });
      const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
      return violations;
    },
    { locale: FRENCH, tags: TAGS },
  );
  return violations.map(
    ({ id, help, nodes }) => `axe ${id}: ${help} — ${nodes.map((node) => node.html.slice(0, 120)).join(" · ")}`,
  );
}

/** At 320 CSS pixels nothing needs to be scrolled sideways. */
export function reflow(page) {
  return atWidth(page, REFLOW_WIDTH, () => findOverflow(page, "at 320 px"));
}

/** With the text twice as large on a wide screen (WCAG 1.4.4), nothing is cut off, and all of it did grow. */
export function largeText(page) {
  return atWidth(page, WIDE, async () => {
    const before = await readFontSizes(page);
    return withStyle(page, ":root { font-size: 200% !important; }", async () => {
      const after = await readFontSizes(page);
      const fixed = before.filter((size, i) => after[i] && after[i].pixels < size.pixels * LEAST_GROWTH);
      return [
        ...(await findOverflow(page, "with the text at 200 %")),
        ...fixed.slice(0, 5).map(({ text }) => `the text does not grow: ${text}`),
      ];
    });
  });
}

/** WCAG 1.4.12: with wide spacing nothing is cut off. */
export function textSpacing(page) {
  const css = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
               p { margin-bottom: 2em !important }`;
  return withStyle(page, css, () => findOverflow(page, "with wide text spacing"));
}

/** From the top of the page to its end with Tab: everything is reached, once, visibly, and nothing holds the focus. */
export async function tabWalk(page) {
  const expected = await page.evaluate(markFocusable);
  const faults = [];
  const reached = new Set();
  await page.evaluate(startFromTheTop);
  for (let presses = 0; presses <= expected.length + 5; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(readFocus);
    if (focus == null || reached.has(focus.mark)) break;
    reached.add(focus.mark);
    if (!focus.isVisible) faults.push(`the focus cannot be seen: ${focus.html}`);
    if (!focus.isInView) faults.push(`the focus is off the screen: ${focus.html}`);
  }
  for (const { mark, html } of expected) {
    if (!reached.has(mark)) faults.push(`Tab does not reach: ${html}`);
  }
  await page.evaluate(() => document.activeElement?.blur());
  return faults;
}

/** Every control is large enough for a finger; links within a sentence are exempt (WCAG 2.5.8). */
export function targetSize(page) {
  return page.evaluate(findSmallTargets, MINIMUM_TARGET);
}

/** All of the above; axe in light and in dark, where scripts are on. */
export async function everything({ page, javaScript, colours }) {
  const faults = [];
  if (javaScript) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      faults.push(...(await axe(page)).map((fault) => `${colorScheme}: ${fault}`));
    }
    await page.emulateMedia({ colorScheme: colours });
  }
  for (const check of [reflow, largeText, textSpacing, tabWalk, targetSize]) {
    faults.push(...(await check(page)));
  }
  return faults;
}

async function atWidth(page, width, look) {
  const size = page.viewportSize();
  await page.setViewportSize({ width, height: size.height });
  try {
    return await look();
  } finally {
    await page.setViewportSize(size);
  }
}

/** A constructed style sheet is not stopped by the page's Content-Security-Policy, unlike a `<style>`. */
async function withStyle(page, css, look) {
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }, css);
  try {
    return await look();
  } finally {
    await page.evaluate(() => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
    });
  }
}

async function findOverflow(page, circumstance) {
  const faults = await page.evaluate(() => {
    const root = document.documentElement;
    const faults = [];
    if (root.scrollWidth > root.clientWidth) {
      const widest = [...document.body.querySelectorAll("*")]
        .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
        .map((element) => element.cloneNode(false).outerHTML.slice(0, 100));
      faults.push(`${root.scrollWidth} px wide in ${root.clientWidth}: ${widest.slice(0, 3).join(" · ")}`);
    }
    for (const element of document.body.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      // One pixel is how text for screen readers only is hidden.
      if (width <= 1 || height <= 1 || !element.innerText?.trim()) continue;
      const isCut = (overflow, content, box) => ["hidden", "clip"].includes(overflow) && content > box + 1;
      if (
        isCut(style.overflowX, element.scrollWidth, element.clientWidth) ||
        isCut(style.overflowY, element.scrollHeight, element.clientHeight)
      ) {
        faults.push(`text is cut off in ${element.cloneNode(false).outerHTML.slice(0, 100)}`);
      }
    }
    return faults;
  });
  return faults.map((fault) => `${circumstance}: ${fault}`);
}

function readFontSizes(page) {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const sizes = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim();
      if (!text) continue;
      const pixels = parseFloat(getComputedStyle(walker.currentNode.parentElement).fontSize);
      sizes.push({ text: text.slice(0, 60), pixels });
    }
    return sizes;
  });
}

// The functions below run inside the page.

function markFocusable() {
  const candidates = document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])",
  );
  const radioGroups = new Set();
  const focusable = [];
  for (const element of candidates) {
    if (element.disabled || element.inert || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.matches("[tabindex='-1']")) continue;
    if (element.type === "radio") {
      // Tab enters a group once, at the chosen radio; the arrows move within it.
      const group = `${element.form?.id}/${element.name}`;
      const isChosen = element.checked;
      if (!isChosen && document.querySelector(`input[type=radio][name="${CSS.escape(element.name)}"]:checked`)) continue;
      if (radioGroups.has(group)) continue;
      radioGroups.add(group);
    }
    element.dataset.tabWalk = String(focusable.length);
    focusable.push({ mark: element.dataset.tabWalk, html: element.outerHTML.slice(0, 100) });
  }
  return focusable;
}

/** The focus that a page takes for itself must not decide where the walk begins. */
function startFromTheTop() {
  const root = document.documentElement;
  root.tabIndex = -1;
  root.focus();
  root.removeAttribute("tabindex");
  document.activeElement?.blur();
  window.scrollTo(0, 0);
}

function readFocus() {
  const element = document.activeElement;
  if (element == null || element === document.body || element === document.documentElement) return null;
  const isFramed = ({ outlineStyle, outlineWidth, boxShadow }) =>
    (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  // A box to tick may be framed together with its words.
  const isVisible = isFramed(getComputedStyle(element)) || isFramed(getComputedStyle(element.parentElement));
  const box = element.getBoundingClientRect();
  return {
    mark: element.dataset.tabWalk ?? element.outerHTML.slice(0, 100),
    html: element.outerHTML.slice(0, 100),
    isVisible,
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}

function findSmallTargets(minimum) {
  const faults = [];
  for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.tagName === "A" && isWithinSentence(element)) continue;
    const boxes = [element, ...(element.labels ?? [])].map((each) => each.getBoundingClientRect());
    const isReachable = boxes.some((box) => box.right > 0 && box.bottom > 0);
    if (!isReachable) continue; // A skip link waits off the screen until it has the focus.
    if (!boxes.some((box) => box.width >= minimum && box.height >= minimum)) {
      const { width, height } = boxes[0];
      faults.push(`target of ${Math.round(width)} × ${Math.round(height)} px: ${element.outerHTML.slice(0, 100)}`);
    }
  }
  return faults;

  function isWithinSentence(link) {
    if (getComputedStyle(link).display !== "inline") return false;
    const around = link.closest("p, li, dd, td, figcaption, blockquote, label, legend");
    return around != null && around.textContent.trim().length > link.textContent.trim().length + 3;
  }
}
