// Before a list travels: say at once what is too large, so that nothing typed has to be sent in vain.
const form = () => document.getElementById("new-check");

function complain(place, text) {
  let notice = place.querySelector("[data-complaint]");
  if (!text) return notice?.remove();
  if (!notice) {
    notice = document.createElement("ul");
    notice.className = "errorlist";
    notice.dataset.complaint = "";
    notice.setAttribute("role", "alert");
    notice.append(document.createElement("li"));
    place.append(notice);
  }
  notice.firstChild.textContent = text;
}

function fileOf() {
  return form().querySelector('input[type="file"]');
}

function look() {
  const { limit, tooLarge, pasteLimit, pasteTooLarge } = form().dataset;
  const file = fileOf().files[0];
  const text = form().querySelector("textarea");
  const heavy = file && file.size > Number(limit);
  const long = text.value.length > Number(pasteLimit);
  complain(document.getElementById("file-errors"), heavy ? tooLarge : "");
  complain(text.closest(".field"), long ? pasteTooLarge : "");
  form().querySelector("[data-forget-file]").hidden = !file;
  return !heavy && !long;
}

// The field for pasting asks for what the chosen kind has.
function nameKind() {
  const { paste, example } = form().querySelector('[name="kind"]:checked')?.dataset ?? {};
  const text = form().querySelector("textarea");
  if (!paste) return;
  text.placeholder = example;
  const label = form().querySelector(`label[for="${text.id}"]`);
  if (label) label.firstChild.textContent = `${paste} `;
}

document.addEventListener("change", (event) => {
  if (!event.target.closest?.("#new-check")) return;
  if (event.target.name === "kind") nameKind();
  if (event.target.type === "file") document.getElementById("file-errors").replaceChildren();
  look();
});

// What was typed before a reload is put back first.
window.addEventListener("pageshow", () => form() && nameKind());

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-forget-file]")) return;
  fileOf().value = "";
  fileOf().dispatchEvent(new Event("change", { bubbles: true }));
  fileOf().focus();
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target === form() && !look()) event.preventDefault();
});

// After an error the file is still chosen; its progress bar starts anew, and the eye is led to the field.
document.addEventListener("htmx:afterSettle", () => {
  if (!form()) return;
  form().querySelector("#file-zone progress").hidden = true;
  look();
  nameKind();
  const faulty = form().querySelector("#file-errors li") ? fileOf() : form().querySelector('[aria-invalid="true"]');
  faulty?.focus();
});
