// The form of an organisation works without this file: it proposes communes before it is sent.
const field = document.querySelector("[data-communes]");
const list = field.querySelector("select");
const code = document.getElementById("postal_code");

code.addEventListener("input", async () => {
  const typed = code.value.replace(/\s/g, "");
  if (!/^\d{5}$/.test(typed)) return;
  const answer = await fetch(`${field.dataset.communes}?q=${typed}`);
  const found = answer.ok ? await answer.json() : [];
  list.length = 1;
  for (const commune of found) list.add(new Option(commune.name, commune.code));
  if (found.length === 1) list.selectedIndex = 1;
  field.hidden = found.length === 0;
});
