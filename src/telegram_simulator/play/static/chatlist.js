// The left side: who is being played, the search, and the chats.

import { arrange, avatar, el, icon, name } from "./dom.js";
import { draft, state } from "./state.js";
import { fullName, serviceText, summary } from "./summary.js";
import { brief, count, t } from "./words.js";

const FEW = 4; // with fewer chats bots are offered below them
const rows = new Map();

export function drawChats(list, does) {
  const chats = [...state.chats.values()].filter((chat) => chat.listed !== false).sort((a, b) => b.at - a.at);
  const shown = chats.map((chat) => {
    const drawn = [chat, draft(chat.id), chat.id === state.open, acting(chat.id)];
    const key = JSON.stringify(drawn);
    const known = rows.get(chat.id);
    if (known?.key === key) return known.row;
    const row = chatRow(chat, does);
    // The focus stays on the chat that it was on.
    if (known && known.row.contains(document.activeElement)) setTimeout(() => row.firstChild.focus());
    rows.set(chat.id, { key, row });
    return row;
  });
  if (!shown.length) shown.push(el("li", { class: "empty" }, t("noChats")));
  const offered = state.bots.filter((bot) => !chats.some((chat) => chat.id === bot.id));
  if (offered.length && chats.length < FEW) shown.push(el("li", { class: "heading" }, t("botsHere")), ...offered.map((bot) => foundRow(bot, does)));
  arrange(list, shown);
}

export function forgetRows() {
  rows.clear();
}

export function acting(number) {
  const action = state.acting.get(number);
  if (!action) return "";
  if (action.includes("photo") || action.includes("video")) return t("sendingPhoto");
  if (action.includes("document") || action.startsWith("upload")) return t("sendingFile");
  return action.startsWith("record") ? t("recording") : t("typing");
}

function chatRow(chat, does) {
  const unread = chat.unread ? el("span", { class: "badge", "aria-label": t("unread", { n: chat.unread }) }, count(chat.unread)) : null;
  return el("li", {}, el("button", {
    type: "button", class: "chat-row", "data-testid": `chat-${chat.username ?? chat.id}`,
    "aria-current": chat.id === state.open ? "true" : null, onclick: () => does.openChat(chat.id),
  },
  avatar(chat.id, chat.title),
  el("span", { class: "chat-words" },
    el("span", { class: "chat-top" }, name(title(chat), { class: "chat-title" }), chat.at ? el("time", { class: "quiet" }, brief(chat.at)) : null),
    el("span", { class: "chat-bottom" }, preview(chat), unread))));
}

export const title = (chat) => chat.title || t("deletedAccount");

function preview(chat) {
  const begun = draft(chat.id);
  const busy = acting(chat.id);
  if (busy) return el("span", { class: "preview accent" }, busy);
  if (begun && chat.id !== state.open) return el("span", { class: "preview", dir: "auto" }, el("span", { class: "bad" }, t("draft"), " "), begun);
  if (!chat.last) return el("span", { class: "preview" }, "");
  const group = chat.kind === "group" || chat.kind === "supergroup";
  const who = serviceText(chat.last) ? "" : chat.last.out ? t("you") : group ? fullName(chat.last.from) : "";
  return el("span", { class: "preview", dir: "auto" }, who ? name(`${who}: `, { class: "quiet" }) : null, summary(chat.last));
}

/** What was found for a search. */
export function foundRow(found, does) {
  return el("li", {}, el("button", { type: "button", class: "chat-row", "data-testid": `found-${found.username ?? found.id}`, onclick: () => does.openFound(found) },
    avatar(found.id, found.title),
    el("span", { class: "chat-words" },
      el("span", { class: "chat-top" }, name(title(found), { class: "chat-title" })),
      el("span", { class: "chat-bottom" }, el("span", { class: "preview" }, [found.username && `@${found.username}`, t(found.kind)].filter(Boolean).join(" · "))))));
}

export function personButton(does) {
  const others = state.people.filter((one) => one.id !== state.me.id).reduce((sum, one) => sum + (one.unread ?? 0), 0);
  return el("button", { type: "button", class: "who", "data-testid": "switch-person", "aria-haspopup": "dialog", title: t("switchPerson"), onclick: does.switchPerson },
    avatar(state.me.id, state.me.name),
    el("span", { class: "chat-words" }, el("span", { class: "quiet" }, t("playing")), name(state.me.name, { class: "chat-title" })),
    others ? el("span", { class: "badge", title: t("newFor", { n: others }) }, count(others)) : null, icon("people"));
}
