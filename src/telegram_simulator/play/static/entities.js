// Formatted text. Offsets count UTF-16 units, as JavaScript's strings do.

import { el, icon } from "./dom.js";
import { safe } from "./links.js";
import { t } from "./words.js";

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };
const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];

/** `does`: { open(address), command(text), mention(username), person(id), copy(text) } */
export function formatted(text, entities, does) {
  const inner = (entities ?? [])
    .filter((one) => one.length > 0 && one.offset >= 0 && one.offset < text.length)
    .map((one) => ({ ...one, end: Math.min(text.length, one.offset + one.length) }))
    .sort((a, b) => a.offset - b.offset || b.end - a.end);
  const parts = document.createDocumentFragment();
  parts.append(...pieces(text, 0, text.length, inner, does));
  return parts;
}

function pieces(text, start, end, entities, does) {
  const made = [];
  let place = start;
  let rest = entities;
  while (rest.length) {
    const [entity, ...others] = rest;
    const from = Math.max(place, entity.offset);
    const to = Math.min(end, entity.end);
    if (from < to) {
      if (place < from) made.push(text.slice(place, from));
      const within = others.filter((one) => one.offset < to);
      made.push(wrapped(entity, text.slice(from, to), pieces(text, from, to, within, does), does));
      // A block ends its line by itself.
      place = BLOCKS.includes(entity.type) && text[to] === "\n" && to < end ? to + 1 : to;
    }
    rest = others.filter((one) => one.end > place);
  }
  if (place < end) made.push(text.slice(place, end));
  return made;
}

function wrapped(entity, covered, children, does) {
  const kind = entity.type;
  if (kind in PLAIN) return el(PLAIN[kind], {}, children);
  switch (kind) {
    case "code":
      return el("code", { class: "tappable", title: t("copy"), onclick: () => does.copy(covered) }, children);
    case "pre":
      return preformatted(entity, covered, children, does);
    case "spoiler":
      return spoiler(children);
    case "blockquote":
      return el("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "text_link":
      return link(entity.url, children, does);
    case "url":
      return link(/^[a-z]+:\/\//i.test(covered) ? covered : `https://${covered}`, children, does);
    case "email":
      return link(`mailto:${covered}`, children, does);
    case "phone_number":
      return link(`tel:${covered.replace(/[^\d+]/g, "")}`, children, does);
    case "mention":
      return act(children, () => does.mention(covered.slice(1)));
    case "text_mention":
      return act(children, () => does.person(entity.user.id));
    case "bot_command":
      return act(children, () => does.command(covered));
    default:
      return el("span", { class: "tag" }, children);
  }
}

const act = (children, onclick) => el("button", { type: "button", class: "in-text", onclick }, children);

function link(address, children, does) {
  if (!safe(address)) return el("span", {}, children);
  const onclick = (event) => {
    if (does.open(address)) event.preventDefault();
  };
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: address, onclick }, children);
}

function spoiler(children) {
  const hidden = el("span", {}, children);
  const cover = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("hiddenText") }, hidden);
  hidden.setAttribute("aria-hidden", "true");
  hidden.inert = true;
  const open = (event) => {
    if (event.type === "keydown" && !["Enter", " "].includes(event.key)) return;
    if (!cover.classList.contains("open")) event.preventDefault();
    cover.classList.add("open");
    for (const attribute of ["role", "tabindex", "aria-label"]) cover.removeAttribute(attribute);
    hidden.removeAttribute("aria-hidden");
    hidden.inert = false;
  };
  cover.addEventListener("click", open);
  cover.addEventListener("keydown", open);
  return cover;
}

function expandable(children) {
  const quote = el("blockquote", { class: "folded" }, children);
  const onclick = () => {
    const folded = quote.classList.toggle("folded");
    more.textContent = folded ? t("more") : t("less");
    more.setAttribute("aria-expanded", String(!folded));
  };
  const more = el("button", { type: "button", class: "in-text", "aria-expanded": "false", onclick }, t("more"));
  return el("div", {}, quote, more);
}

function preformatted(entity, covered, children, does) {
  const copy = el("button", { type: "button", class: "bare", "aria-label": t("copy"), onclick: () => does.copy(covered) }, icon("copy"));
  const head = el("span", { class: "pre-head" }, el("span", {}, entity.language ?? ""), copy);
  return el("div", { class: "pre" }, head, el("pre", { dir: "ltr", tabindex: "0" }, el("code", {}, children)));
}
