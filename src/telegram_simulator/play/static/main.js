// Puts the page together: who plays, which chat is open, what the simulator tells.

import * as api from "./api.js";
import { acting, drawChats, forgetRows, personButton } from "./chatlist.js";
import { Composer } from "./composer.js";
import * as deeds from "./deeds.js";
import { confirm_, toast } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { droppable } from "./files.js";
import { drawHead } from "./head.js";
import { hear } from "./hearing.js";
import { choosePerson } from "./people.js";
import { search } from "./search.js";
import { changed, draft, drawNow, onChange, openChat, state, thread } from "./state.js";
import { Thread } from "./thread.js";
import { choose as chooseLanguage, current, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const KEPT = "play-person";
let stopListening = () => {};
let visits = 0;

// Chats ------------------------------------------------------------------------------------------------------------

export async function loadChats() {
  const { chats, bots } = await api.chats(state.me.id);
  state.bots = bots;
  const kept = openChat();
  state.chats = new Map(chats.map((chat) => [chat.id, freshest(chat)]));
  if (kept && !state.chats.has(kept.id)) state.chats.set(kept.id, { ...kept, listed: false });
  changed("list", "head", "composer");
}

async function loadThread(number) {
  const me = state.me.id;
  const own = thread(number);
  const newest = Math.max(0, ...own.messages.filter((one) => !one.state).map((one) => one.id));
  const { chat, messages } = await api.messages(me, number);
  if (me !== state.me.id) return;
  // What came while the answer was on its way is not in it, and is newer.
  const last = Math.max(newest, messages.at(-1)?.id ?? 0);
  const since = own.messages.filter((one) => one.state || one.id > last);
  const known = own.loaded && messages.length ? own.messages.filter((one) => !one.state && one.id < messages[0].id) : [];
  const keys = new Map(own.messages.map((one) => [one.id, one.key]));
  own.messages = [...known, ...messages.map((one) => (keys.get(one.id) ? { ...one, key: keys.get(one.id) } : one)), ...since];
  own.complete = messages.length < 50 && !known.length;
  if (!own.loaded || !since.length) own.keyboard = chat.keyboard;
  own.loaded = true;
  state.chats.set(number, { ...freshest(chat), listed: state.chats.get(number)?.listed ?? chat.at > 0 });
  changed("thread", "list", "head", "composer");
}

/** A chat as it was told, unless something newer has been heard of it. */
function freshest(chat) {
  const known = state.chats.get(chat.id);
  return known?.last && known.at > chat.at ? { ...chat, last: known.last, at: known.at, unread: known.unread } : chat;
}

/** Read anew what may have changed; a chat that one has been put out of is closed. */
async function refresh() {
  await loadChats();
  const chat = openChat();
  if (!chat) return;
  const shut = chat.listed === false && !chat.username && !["bot", "person"].includes(chat.kind);
  if (shut) close();
  else await loadThread(chat.id);
}

async function older() {
  const number = state.open;
  const own = thread(number);
  if (own.complete || !own.loaded || own.asking) return;
  own.asking = true;
  try {
    const first = own.messages.find((one) => !one.state)?.id ?? 0;
    const { messages } = await api.messages(state.me.id, number, first);
    own.messages = [...messages, ...own.messages];
    own.complete = messages.length < 50;
    changed("thread");
  } finally {
    own.asking = false;
  }
}

export async function openThread(number, { push = true } = {}) {
  visits += 1;
  const visit = visits;
  Object.assign(state, { open: number, replyTo: null, editing: null });
  if (push) remember();
  changed("list", "thread", "head", "composer");
  if (state.chats.has(number)) drawNow();
  try {
    await loadThread(number);
  } catch (refused) {
    toast(refused.message || t("notConnected"));
    if (visit === visits && refused.status) close();
    return;
  }
  if (visit !== visits) return;
  drawNow();
  seen();
  if (matchMedia("(pointer: fine)").matches) composer.focus();
}

function close({ push = true } = {}) {
  const was = state.open;
  state.open = null;
  if (push) remember();
  changed("list", "thread", "head", "composer");
  drawNow();
  document.querySelector(`[data-testid="chat-${CSS.escape(String(state.chats.get(was)?.username ?? was))}"]`)?.focus();
}

/** What is read is no longer counted. */
function seen() {
  const chat = openChat();
  if (!chat?.unread || document.hidden || !messages.atEnd) return;
  chat.unread = 0;
  changed("list");
  api.behind(api.act(state.me.id, "read", { to: String(chat.id) }), toast);
}

// Where one is -----------------------------------------------------------------------------------------------------

function remember() {
  const chat = openChat();
  const query = new URLSearchParams({ as: state.me.id });
  if (state.open !== null) query.set("open", chat?.username ? `@${chat.username}` : state.open);
  history.pushState({ me: state.me.id, open: state.open }, "", `?${query}`);
}

addEventListener("popstate", async (event) => {
  const { me, open = null } = event.state ?? {};
  if (me && me !== state.me.id) await become(await api.findPerson({ person: me }), { push: false });
  if (open === null) close({ push: false });
  else openThread(open, { push: false });
});

async function become(person, { push = true } = {}) {
  stopListening();
  Object.assign(state, { me: person, open: null, chats: new Map(), threads: new Map(), replyTo: null, editing: null });
  state.acting.clear();
  forgetRows();
  localStorage.setItem(KEPT, person.id);
  if (push) remember();
  changed("list", "thread", "head", "composer", "people");
  await loadChats();
  stopListening = hear({ loadChats, loadThread, refresh, seen });
}

async function switchPerson() {
  const chosen = await choosePerson().catch(() => toast(t("notConnected")));
  changed("people");
  if (!chosen || chosen.id === state.me.id) return;
  const chat = openChat();
  await become(chosen);
  // The same bot is what one wants to see from the other side; private chats are not.
  if (chat?.kind === "bot" && matchMedia("(min-width: 46rem)").matches) openThread(chat.id);
}

/** Follow a link that leads somewhere inside. */
async function visit(place) {
  try {
    if (place.kind === "invite" || place.kind === "invoice") return await deeds.followLink(place, loadChats, openThread);
    const found = (await api.look(state.me.id, place.kind === "id" ? String(place.id) : `@${place.username}`)).found[0];
    if (!found) return toast(t("noSuch", { name: place.username ? `@${place.username}` : place.id }));
    await openThread(found.id);
    if (place.start !== null && place.start !== undefined && found.kind === "bot") await deeds.start(place.start);
  } catch (refused) {
    toast(refused.message || t("notConnected"));
  }
}

// Drawing ----------------------------------------------------------------------------------------------------------

const does = { ...deeds, older: () => api.behind(older(), toast), seen, openChat: openThread, switchPerson, close, visit, openFound: (found) => openThread(found.id), typed: () => changed("list") };
const messages = new Thread($("scroller"), $("messages"), $("down"), does);
const composer = new Composer($("composer"), {
  ...does,
  send: (text) => {
    messages.toEnd();
    deeds.send(text);
  },
  start: () => deeds.start(startPayload()),
  unblock: async () => {
    await deeds.attempt("start", { bot: String(state.open) });
    await loadThread(state.open);
  },
  join: () => deeds.join(openChat(), loadThread),
});
let payloadOf = { chat: null, payload: "" };
const startPayload = () => (payloadOf.chat === openChat()?.username?.toLowerCase() ? payloadOf.payload : "");

onChange((parts) => {
  if (!state.me) return;
  const chat = openChat();
  $("app").classList.toggle("reading", state.open !== null);
  $("conversation").hidden = !chat;
  $("pick").hidden = Boolean(chat);
  if (parts.has("people")) $("who").replaceChildren(personButton(does));
  if (parts.has("list")) drawChats($("chats"), does);
  if (parts.has("refresh")) api.behind(refresh(), toast);
  if (parts.has("keyboard-used")) composer.toggleKeyboard(false);
  if (!chat) return;
  if (parts.has("head") || parts.has("list")) drawHead($("head"), chat, acting(chat.id), does);
  if (parts.has("thread")) messages.draw();
  if (parts.has("composer") || parts.has("thread")) composer.draw();
  if (parts.has("draft")) {
    composer.fill(state.editing ? state.editing.text : draft(chat.id));
    composer.focus();
  }
});

function words() {
  document.documentElement.lang = current();
  document.title = t("title");
  $("search").placeholder = t("search");
  $("search").setAttribute("aria-label", t("search"));
  $("chats-nav").setAttribute("aria-label", t("chats"));
  $("simulated").textContent = t("simulated");
  $("controls").textContent = t("controls");
  $("language").textContent = t("language");
  $("language").lang = current() === "ru" ? "en" : "ru";
  $("pick").textContent = t("pick");
  $("drop").textContent = t("dropHere");
  $("offline").textContent = t("notConnected");
  $("scroller").setAttribute("aria-label", t("message"));
  $("messages").setAttribute("aria-label", t("message"));
  $("down").setAttribute("aria-label", t("newMessages"));
  $("down").replaceChildren(icon("down"));
}

async function begin() {
  words();
  deeds.onVisit(visit);
  $("language").addEventListener("click", () => {
    chooseLanguage(current() === "ru" ? "en" : "ru");
    location.reload();
  });
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.open !== null && !document.querySelector("dialog[open], .menu")) close();
  });
  droppable($("conversation"), $("drop"), deeds.pickFiles);
  search($("search"), $("found"), $("chats"), does);
  const query = new URLSearchParams(location.search);
  const wanted = query.get("as") ?? localStorage.getItem(KEPT);
  state.people = (await api.people()).people;
  let person = wanted ? await api.findPerson({ person: wanted }).catch(() => null) : null;
  if (!person && query.has("as")) toast(t("noSuch", { name: query.get("as") }));
  person ??= state.people[0];
  $("app").hidden = false;
  await become(person, { push: false });
  history.replaceState({ me: person.id, open: null }, "", location.search);
  const open = query.get("open");
  if (!open) return;
  const found = (await api.look(person.id, open)).found[0];
  if (!found) return toast(t("noSuch", { name: open }));
  payloadOf = { chat: (found.username ?? "").toLowerCase(), payload: query.get("start") ?? "" };
  await openThread(found.id, { push: false });
  // A link with a payload to a bot that one knows already: the button is offered again.
  if (query.get("start") && openChat()?.last && found.kind === "bot") {
    if (await confirm_(found.title, `/start ${query.get("start")}`, t("start"))) deeds.start(query.get("start"));
  }
}

begin().catch((refused) => {
  document.body.append(el("p", { class: "noscript" }, refused.message || t("notConnected")));
});
