import assert from "node:assert/strict";
import { open, seeTitle } from "../people.mjs";

export const title = "The pages that need no account";

export async function tell({ step, world, visit, inspect }) {
  const phone = await visit({ size: "phone" });
  const desktop = await visit({ size: "desktop" });

  const paths = await step("the site map leads to every page", async () => {
    await open(phone, world, "/plan-du-site");
    const links = await phone.page.locator("main a").all();
    const paths = await Promise.all(links.map((link) => link.getAttribute("href")));
    return [...new Set(["/", "/plan-du-site", ...paths])];
  });
  for (const path of paths) {
    await step(`${path} answers`, async () => {
      const label = `site${path.replaceAll("/", "-")}`;
      const response = await open(phone, world, path);
      // Some lead to the page where one signs in.
      assert.equal(response.status(), 200);
      await inspect(phone, label);
      await open(desktop, world, path);
      await inspect(desktop, label);
    });
  }
  await step("an address that does not exist says where to go", async () => {
    const response = await open(phone, world, "/nulle-part");
    assert.equal(response.status(), 404);
    await seeTitle(phone, /./);
    await inspect(phone, "not-found");
  });
}
