// A picture for an ad, drawn by the browser: the wall planner that the association wants to replace.
const SHADES = ["#f6c453", "#7fb685", "#8fb8de", "#ef8354"];
const WIDTH = 1200;
const HEIGHT = 630;

export const ALT =
  "Un planning mural couvert de papiers de couleur, un par atelier et par bénévole, dont plusieurs se chevauchent.";

/** Returns `{ bytes, alt }`, a PNG of 1200 × 630 pixels. */
export async function drawPicture(browser) {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  await page.setContent(`<style>body { margin: 0 }</style>${drawPlanner()}`);
  const bytes = await page.screenshot();
  await page.close();
  return { bytes, alt: ALT };
}

function drawPlanner() {
  const columns = 7;
  const rows = 4;
  const width = WIDTH / (columns + 1);
  const height = HEIGHT / (rows + 1);
  const notes = [];
  for (let i = 0; i < columns * rows; i += 1) {
    // The same steps each time: pictures of two runs can be compared.
    if (i % 5 === 3) continue;
    const x = width * (0.55 + (i % columns)) + ((i * 37) % 18);
    const y = height * (0.6 + Math.floor(i / columns)) + ((i * 53) % 22);
    const lines = [0.3, 0.5, 0.7].map(
      (at, line) => `<rect x="14" y="${height * at * 0.8}" width="${width * (0.55 - line * 0.12)}" height="6" fill="#0003"/>`,
    );
    notes.push(
      `<g transform="translate(${x} ${y}) rotate(${((i * 29) % 9) - 4})"><rect width="${width * 0.8}" height="${height * 0.75}" rx="4" fill="${SHADES[i % SHADES.length]}"/>${lines.join("")}</g>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" style="display: block">
    <rect width="100%" height="100%" fill="#f4efe6"/>${notes.join("")}</svg>`;
}
