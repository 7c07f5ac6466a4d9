// Proposes the browser's own time zone in a form that nobody has filled in yet.
const form = document.querySelector("form[data-guess-zone]");
const select = form?.elements.namedItem("time_zone");
if (select) {
  const reported = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = JSON.parse(select.dataset.former)[reported] ?? reported;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
}
