// The line above the messages: whose chat it is, what they do, and what one may do with it.

import { menu, window_ } from "./dialogs.js";
import { arrange, avatar, el, icon, name } from "./dom.js";
import { title } from "./chatlist.js";
import { state } from "./state.js";
import { count, phone, t } from "./words.js";

let drawn = "";

export function drawHead(head, chat, busy, does) {
  const key = JSON.stringify([state.me.id, chat.id, chat.title, busy, chat.members, chat.blocked, chat.present, chat.kind]);
  if (key === drawn && head.firstChild) return;
  const was = document.activeElement?.getAttribute("aria-label");
  const focused = head.contains(document.activeElement);
  drawn = key;
  arrange(head, [
    el("button", { type: "button", class: "round back", "data-testid": "back", "aria-label": t("back"), onclick: () => does.close() }, icon("back")),
    avatar(chat.id, chat.title),
    el("div", { class: "head-words" }, el("h1", { "data-testid": "chat-title" }, name(title(chat))), el("span", { class: busy ? "accent" : "quiet", "data-testid": "chat-status" }, busy || about(chat))),
    el("button", { type: "button", class: "round", "aria-label": t("chatMenu"), "aria-haspopup": "menu", "data-testid": "chat-menu", onclick: (event) => options(chat, event.currentTarget, does) }, icon("more")),
  ]);
  if (focused) [...head.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === was)?.focus();
}

function about(chat) {
  const numbers = chat.members === undefined ? "" : t(chat.kind === "channel" ? "subscribers" : "members", { n: count(chat.members) });
  return [chat.username && `@${chat.username}`, numbers || t(chat.kind)].filter(Boolean).join(" · ");
}

function options(chat, beside, does) {
  const entries = [{ words: t("profile"), act: () => profile(chat) }];
  if (chat.kind === "bot") {
    entries.push(chat.blocked
      ? { words: t("unblock"), act: () => change("unblock", { bot: String(chat.id) }, does) }
      : { words: t("block"), danger: true, act: () => change("block", { bot: String(chat.id) }, does) });
  }
  if (chat.present) entries.push({ words: t("leave"), danger: true, act: () => change("leave", { chat: String(chat.id) }, does) });
  menu(beside, entries);
}

async function change(what, wishes, does) {
  // Leaving is told by the stream as well; everything else only changes what this person sees.
  if ((await does.attempt(what, wishes)) && what !== "leave") does.refresh();
}

function profile(chat) {
  const rows = [[t("id"), String(chat.id)], [t("username"), chat.username && `@${chat.username}`], [t("phone"), chat.phone && phone(chat.phone)]];
  return window_(title(chat), () => [
    chat.description ? el("p", { class: "text", dir: "auto" }, chat.description) : "",
    el("dl", {}, rows.filter(([, value]) => value).flatMap(([words, value]) => [el("dt", {}, words), el("dd", { dir: "ltr" }, value)])),
  ], { kind: "small" });
}
