// Proposes the browser's own time zone in a form that nobody has filled in yet.
const form = document.querySelector("form[data-guess-zone]");
const select = form?.elements.namedItem("time_zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (select && [...select.options].some((option) => option.value === zone)) {
  select.value = zone;
}
