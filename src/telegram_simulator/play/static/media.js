// Files, pictures, sound and video inside messages.

import { fileAddress } from "./api.js";
import { el, icon } from "./dom.js";
import { size, t } from "./words.js";

/** `file`: { kind, file, name, mime, size, width?, height?, spoiler?, local? (address of one that is being sent) } */
export function mediaView(file, me, does) {
  const address = file.local ?? fileAddress(me, file);
  switch (file.kind) {
    case "photo":
      return picture(address, file, t("photo"), does);
    case "animation":
      return (file.mime ?? "").startsWith("image/") ? picture(address, file, t("animation"), does) : moving(address, file, true);
    case "video":
    case "video_note":
      return moving(address, file, false);
    case "audio":
    case "voice":
      return el("div", { class: "sound" }, el("strong", { dir: "auto" }, file.title ?? (file.kind === "voice" ? t("voice") : file.name)),
        el("audio", { controls: true, preload: "none", src: address }));
    case "sticker":
      return sticker(address, file);
    default:
      return documentRow(address, file);
  }
}

function picture(address, file, words, does) {
  const image = el("img", { src: address, alt: words, width: file.width, height: file.height });
  const button = el("button", { type: "button", class: file.spoiler ? "picture covered" : "picture", "aria-label": t("openPicture") }, image);
  image.addEventListener("error", () => button.replaceWith(documentRow(address, { ...file, name: file.name || words })));
  button.addEventListener("click", () => {
    if (button.classList.contains("covered")) button.classList.remove("covered");
    else does.showPicture(address, file.name || words);
  });
  return button;
}

function moving(address, file, silent) {
  const video = el("video", { class: "picture", controls: !silent, loop: silent, preload: "metadata", src: address, width: file.width, height: file.height });
  if (silent) Object.assign(video, { muted: true, autoplay: !matchMedia("(prefers-reduced-motion: reduce)").matches, controls: true });
  video.addEventListener("error", () => video.replaceWith(documentRow(address, file)));
  return video;
}

function sticker(address, file) {
  const words = file.emoji ?? t("sticker");
  if (file.mime !== "image/webp") return el("div", { class: "sticker" }, words);
  const image = el("img", { src: address, alt: words, width: 160, height: 160 });
  image.addEventListener("error", () => image.replaceWith(words));
  return el("div", { class: "sticker" }, image);
}

function documentRow(address, file) {
  const title = file.name || t("file");
  return el("a", { class: "file", href: address, download: title, "aria-label": t("download", { name: title }) },
    el("span", { class: "file-mark" }, icon("file")),
    el("span", { class: "file-words" }, el("bdi", { class: "strong" }, title), el("span", { class: "quiet" }, size(file.size ?? 0))));
}
