// Sending files and pictures: chosen, dropped or pasted; a look at them before they go.

import { toast, window_ } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { size, t } from "./words.js";

const LARGEST = 50 * 1024 * 1024;
const PICTURES = ["image/png", "image/jpeg", "image/webp"];

export function choose(accept, then) {
  const input = el("input", { type: "file", multiple: true, accept: accept || null, hidden: true, "data-testid": "file-input" });
  input.addEventListener("change", () => {
    then([...input.files]);
    input.remove();
  });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

/** What is to be sent: { files: [{ file, kind }], caption }, or undefined. */
export function preview(files) {
  const good = files.filter((file) => {
    const wrong = file.size > LARGEST ? "tooLarge" : file.size ? null : "empty";
    if (wrong) toast(t(wrong, { name: file.name }));
    return !wrong;
  });
  if (!good.length) return Promise.resolve(undefined);
  const addresses = [];
  const asFile = el("input", { type: "checkbox" });
  const caption = el("input", { type: "text", "aria-label": t("caption"), placeholder: t("caption"), maxlength: "1024", dir: "auto" });
  const answer = () => ({ files: good.map((file) => ({ file, kind: asFile.checked ? "document" : kindOf(file) })), caption: caption.value.trim() });
  const shown = window_(t("attached"), (close) => {
    caption.addEventListener("keydown", (event) => {
      if (event.key === "Enter") close(answer());
    });
    setTimeout(() => caption.focus());
    return [
      el("ul", { class: "previews" }, good.map((file) => el("li", {}, small(file, addresses), el("span", { class: "file-words" }, el("bdi", { class: "strong" }, file.name), el("span", { class: "quiet" }, size(file.size)))))),
      good.some((file) => kindOf(file) !== "document") ? el("label", { class: "check" }, asFile, t("asFile")) : "",
      caption,
      el("div", { class: "actions" },
        el("button", { type: "button", onclick: () => close() }, t("cancel")),
        el("button", { type: "button", class: "main", "data-testid": "send-files", onclick: () => close(answer()) }, t("sendFiles", { n: good.length }))),
    ];
  });
  return shown.finally(() => addresses.forEach((address) => URL.revokeObjectURL(address)));
}

export const kindOf = (file) => (PICTURES.includes(file.type) ? "photo" : file.type === "video/mp4" ? "video" : "document");

function small(file, addresses) {
  if (kindOf(file) !== "photo") return el("span", { class: "file-mark" }, icon("file"));
  const address = URL.createObjectURL(file);
  addresses.push(address);
  return el("img", { src: address, alt: "", width: 56, height: 56 });
}

/** Files that are dragged over an element are dropped there. */
export function droppable(element, mark, then) {
  let depth = 0;
  const over = (shown) => {
    mark.hidden = !shown;
    if (!shown) depth = 0;
  };
  const files = (event) => event.dataTransfer?.types.includes("Files");
  element.addEventListener("dragenter", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth += 1;
    over(true);
  });
  element.addEventListener("dragover", (event) => files(event) && event.preventDefault());
  element.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) over(false);
  });
  element.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(false);
    then([...event.dataTransfer.files]);
  });
}
