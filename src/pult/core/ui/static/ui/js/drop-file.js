// The upload zone: shows what was chosen, lights up under a dragged file, and draws the progress of the upload.
const language = document.documentElement.lang || undefined;

function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const place = Math.min(units.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)));
  const format = { style: "unit", unit: units[place], unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, format).format(bytes / 1000 ** place);
}

function prepare(zone) {
  if (zone.dataset.ready !== undefined) return;
  zone.dataset.ready = "";
  const input = zone.querySelector('input[type="file"]');
  const chosen = zone.querySelector(".chosen");
  const show = () => {
    const file = input.files[0];
    chosen.hidden = !file;
    chosen.textContent = file ? `${file.name} · ${size(file.size)}` : "";
    delete zone.dataset.over;
  };
  input.addEventListener("change", show);
  zone.addEventListener("dragenter", () => (zone.dataset.over = ""));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.dataset.over = "";
  });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) delete zone.dataset.over;
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    if (!event.dataTransfer.files.length) return;
    const first = new DataTransfer();
    first.items.add(event.dataTransfer.files[0]);
    input.files = first.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  show();
}

const prepareIn = (part) => part.querySelectorAll("[data-drop-file]").forEach(prepare);
prepareIn(document);
document.addEventListener("htmx:load", (event) => prepareIn(event.detail.elt.parentElement ?? document));

// With hx-post and hx-encoding="multipart/form-data" on the form htmx tells how far the upload is.
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector?.("[data-drop-file] progress");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
  // All bytes are there; now the server reads the file.
  if (event.detail.loaded === event.detail.total) bar.removeAttribute("value");
});
