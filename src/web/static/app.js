// Every page works without this file.
const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
const say = (text) => {
  const line = document.createElement("p");
  line.className = "unseen";
  line.textContent = text;
  document.getElementById("flash").append(line);
};

// Mistakes of a form: read them first.
all("[data-focus]", (summary) => summary.focus());

// Filters apply at once, and the keyboard stays where it was.
const place = "filter-focus";
all("form[data-autosubmit]", (form) => {
  all("[data-autosubmit-note]", (note) => (note.hidden = false));
  form.addEventListener("change", (event) => {
    sessionStorage.setItem(place, event.target.id);
    form.requestSubmit();
  });
  const id = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  if (id) document.getElementById(id)?.focus({ preventScroll: 1 });
});

// Copy a text.
if (navigator.clipboard) {
  all("[data-copy]", (button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.querySelector("span").textContent = button.dataset.done;
      say(button.dataset.done);
    });
  });
}

// A fold that asks for confirmation becomes a dialog.
all("details[data-dialog]", (fold) => {
  const body = document.getElementById(fold.dataset.dialog);
  const summary = fold.querySelector("summary");
  const opener = document.createElement("button");
  opener.type = "button";
  opener.className = summary.className;
  opener.append(...summary.childNodes);
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", body.id + "-title");
  dialog.append(body);
  fold.replaceWith(opener, dialog);
  opener.addEventListener("click", () => dialog.showModal());
  for (const close of body.querySelectorAll("[data-close]")) {
    close.hidden = false;
    close.addEventListener("click", () => dialog.close());
  }
  if (body.querySelector("[aria-invalid=true]")) dialog.showModal();
});

// A menu closes when one leaves it.
all("details.drop", (menu) => {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// Show the chosen picture (drawn: pages load pictures from this site only).
all("input[data-preview]", (input) => {
  const canvas = document.getElementById(input.dataset.preview);
  input.addEventListener("change", async () => {
    canvas.hidden = true;
    const picture = input.files[0] && (await createImageBitmap(input.files[0]).catch(() => null));
    if (!picture) return;
    const scale = Math.min(1, 640 / picture.width);
    canvas.width = picture.width * scale;
    canvas.height = picture.height * scale;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
  });
});
