// Nothing typed gets lost: a form with data-keep="name" remembers its fields in this tab until it was sent and accepted.
// Passwords, codes, files and hidden fields are never kept.
const LEFT_OUT = ["password", "file", "hidden", "submit", "button"];
const storeName = (form) => `pult-keep:${location.pathname}:${form.dataset.keep}`;

function fieldsOf(form) {
  return [...form.elements].filter(
    (field) => field.name && !LEFT_OUT.includes(field.type) && field.autocomplete !== "one-time-code",
  );
}

function save(form) {
  const kept = fieldsOf(form).map((field) =>
    ["checkbox", "radio"].includes(field.type) ? [field.name, field.value, field.checked] : [field.name, field.value],
  );
  sessionStorage.setItem(storeName(form), JSON.stringify(kept));
}

function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(storeName(form)) ?? "[]");
  for (const [name, value, checked] of kept) {
    const same = fieldsOf(form).filter((field) => field.name === name);
    if (checked === undefined) {
      // What the server filled in (after an error, or the stored value) is newer than what was kept.
      for (const field of same) if (!field.value) field.value = value;
    } else {
      for (const field of same) if (field.value === value) field.checked = checked;
    }
  }
}

// A form that was sent and is not here any more was accepted: forget it.
const SENT = "pult-keep-sent";
const sent = sessionStorage.getItem(SENT);
const forms = [...document.querySelectorAll("form[data-keep]")];
if (sent && !forms.some((form) => storeName(form) === sent)) sessionStorage.removeItem(sent);
sessionStorage.removeItem(SENT);

forms.forEach(restore);
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.keep !== undefined) save(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.dataset?.keep === undefined) return;
  save(event.target);
  sessionStorage.setItem(SENT, storeName(event.target));
});

// A part of the page that is fetched again keeps what somebody is typing into it (in memory only, passwords too).
const typed = new Map();
const isTyped = (field) =>
  ["checkbox", "radio"].includes(field.type)
    ? field.checked !== field.defaultChecked
    : field.type !== "hidden" && field.type !== "file" && field.value !== field.defaultValue;

function remember(part) {
  for (const field of part.querySelectorAll("input[id], textarea[id]")) {
    if (isTyped(field)) typed.set(field.id, { value: field.value, checked: field.checked });
  }
}

function bringBack() {
  for (const [id, { value, checked }] of typed) {
    const field = document.getElementById(id);
    if (!field || isTyped(field)) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = checked;
    else field.value = value;
  }
  typed.clear();
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig?.verb === "get" && event.detail.target) remember(event.detail.target);
});
document.addEventListener("htmx:oobBeforeSwap", (event) => remember(event.detail.target));
document.addEventListener("htmx:afterSwap", bringBack);
document.addEventListener("htmx:oobAfterSwap", bringBack);
