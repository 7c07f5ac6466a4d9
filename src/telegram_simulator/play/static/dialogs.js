// Small windows over the page: words for a moment, questions, pictures, menus.

import { el, icon } from "./dom.js";
import { t } from "./words.js";

const root = () => document.getElementById("over");

/** Words that go away by themselves. */
export function toast(text) {
  const box = el("div", { class: "toast", dir: "auto" }, text);
  const shelf = document.getElementById("toasts");
  shelf.replaceChildren(box);
  setTimeout(() => box.remove(), Math.min(8000, 2500 + text.length * 50));
}

/** A window; `make(close)` gives its content. The promise is fulfilled with what `close(value)` got. */
export function window_(title, make, { kind = "", label } = {}) {
  return new Promise((resolve) => {
    const close = (value) => {
      box.returned = value;
      box.close();
    };
    const box = el("dialog", { class: `window ${kind}`, "aria-label": label ?? title });
    if (title) {
      box.append(el("header", {}, el("h2", { dir: "auto" }, title),
        el("button", { type: "button", class: "bare", "aria-label": t("close"), onclick: () => close() }, icon("close"))));
    }
    box.append(...[make(close)].flat());
    box.addEventListener("click", (event) => {
      if (event.target === box) close();
    });
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returned);
    });
    root().append(box);
    box.showModal();
  });
}

/** Something that must be read. */
export function alert_(text) {
  return window_("", (close) => [
    el("p", { class: "text", dir: "auto" }, text),
    el("div", { class: "actions" }, el("button", { type: "button", class: "main", autofocus: true, onclick: () => close() }, t("ok"))),
  ], { kind: "small", label: text });
}

/** true or undefined */
export function confirm_(title, text, yes, { danger = false } = {}) {
  return window_(title, (close) => [
    text ? el("p", { class: "text", dir: "auto" }, text) : "",
    el("div", { class: "actions" },
      el("button", { type: "button", onclick: () => close() }, t("cancel")),
      el("button", { type: "button", class: danger ? "main danger" : "main", autofocus: true, onclick: () => close(true) }, yes)),
  ], { kind: "small" });
}

export function picture(address, words) {
  return window_("", (close) => [
    el("img", { src: address, alt: words }),
    el("div", { class: "actions" },
      el("a", { class: "button", href: address, download: words }, t("download", { name: words })),
      el("button", { type: "button", autofocus: true, onclick: () => close() }, t("close"))),
  ], { kind: "picture", label: words });
}

/** A list of acts beside the element that opened it: [{ words, act, danger? } or { row: [{ words, act }] }] */
export function menu(beside, entries) {
  const close = (back) => {
    box.remove();
    document.removeEventListener("pointerdown", outside, true);
    if (back) beside.focus();
  };
  const outside = (event) => {
    if (!box.contains(event.target)) close(false);
  };
  const item = ({ words, act, danger }) =>
    el("button", { type: "button", role: "menuitem", class: danger ? "danger" : "", onclick: () => { close(true); act(); } }, words);
  const box = el("div", { class: "menu", role: "menu" }, entries.map((entry) => (entry.row ? el("div", { class: "menu-row", role: "none" }, entry.row.map(item)) : item(entry))));
  const items = [...box.querySelectorAll("button")];
  box.addEventListener("keydown", (event) => {
    const place = items.indexOf(document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (event.key === "ArrowDown" || event.key === "ArrowRight") items[(place + 1) % items.length].focus();
    else if (event.key === "ArrowUp" || event.key === "ArrowLeft") items.at(place - 1).focus();
    else return;
    event.preventDefault();
  });
  document.body.append(box);
  const from = beside.getBoundingClientRect();
  const own = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(from.right - own.width, innerWidth - own.width - 8));
  const top = from.bottom + own.height + 8 < innerHeight ? from.bottom + 4 : Math.max(8, from.top - own.height - 4);
  Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
  document.addEventListener("pointerdown", outside, true);
  items[0].focus();
}
