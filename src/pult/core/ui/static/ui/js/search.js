// What somebody typed before the page's scripts were ready is looked for too.
document.addEventListener("htmx:load", (event) => {
  if (event.target !== document.body) return;
  for (const field of document.querySelectorAll("form.search[hx-get] input[type=search]"))
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("search"));
});
