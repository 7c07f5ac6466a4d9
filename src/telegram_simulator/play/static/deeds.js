// What the person does: writing, tapping, joining. Shown at once, and put right by what the simulator answers.

import * as api from "./api.js";
import { alert_, confirm_, menu, picture, toast } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { choose, preview } from "./files.js";
import { inside } from "./links.js";
import { openApp } from "./miniapp.js";
import { pay } from "./paying.js";
import { changed, keepDraft, openChat, state, thread } from "./state.js";
import { phone, t } from "./words.js";

let waiting = 0;
const taps = new Map(); // number of a tap → its button
const early = new Map(); // answers that came before the tap's own number

const to = () => String(state.open);
const said = (refused) => toast(refused.message || t("notConnected"));

/** An act that is a single request; its refusal is shown. */
export async function attempt(what, wishes) {
  try {
    return await api.act(state.me.id, what, wishes);
  } catch (refused) {
    said(refused);
    return null;
  }
}

// Sending ----------------------------------------------------------------------------------------------------------

function sketch(fields) {
  waiting += 1;
  const now = Date.now() / 1000;
  return { id: `waiting-${waiting}`, key: `own-${waiting}`, chat: state.open, out: true, from: state.me, date: now, text: "", entities: [], files: [], state: "waiting", ...fields };
}

/** Show a message before it has arrived; `deliver` is asked again when it failed and is tapped. */
async function post(fields, deliver) {
  const message = sketch(fields);
  thread(message.chat).messages.push(message);
  changed("thread", "list");
  await again(message, deliver);
}

async function again(message, deliver) {
  Object.assign(message, { state: "waiting", retry: () => again(message, deliver) });
  changed("thread");
  try {
    settle(message, await deliver(message));
  } catch (refused) {
    Object.assign(message, { state: "failed", reason: refused.message });
    changed("thread");
  }
}

export function settle(sketched, sent) {
  const { messages } = thread(sketched.chat);
  const place = messages.indexOf(sketched);
  const twin = messages.findIndex((one) => one.id === sent.id);
  if (place < 0) return; // the stream was faster
  // The picture that is shown already stays: nothing flickers.
  if (sketched.files[0]?.local && sent.files[0]) sent.files[0].local = sketched.files[0].local;
  messages[place] = { ...sent, key: sketched.key };
  if (twin >= 0 && twin !== place) messages.splice(twin, 1);
  messages.sort(byNumber);
  changed("thread", "list", "composer");
}

const byNumber = (a, b) => (a.state ? 1 : 0) - (b.state ? 1 : 0) || (a.state ? 0 : a.id - b.id);

/** A message of one's own that the stream tells of before its request was answered. */
export function expected(message) {
  return thread(message.chat).messages.find((one) => one.state === "waiting" && one.text === message.text && !one.files.length === !message.files.length);
}

export async function send(text) {
  const { editing, replyTo } = state;
  const chat = state.open;
  cancelSpecial();
  keepDraft(chat, "");
  if (editing) {
    const done = await attempt("edit", { to: to(), message: editing.id, text });
    if (!done) return;
    const { messages } = thread(chat);
    const place = messages.findIndex((one) => one.id === done.id);
    if (place >= 0) messages[place] = { ...done, key: messages[place].key };
    changed("thread");
    return;
  }
  await post({ text, reply_to: replyTo }, (message) => api.act(state.me.id, "send", { to: String(message.chat), text, reply_to: replyTo?.id ?? null }));
}

export function cancelSpecial() {
  const was = state.editing;
  state.editing = state.replyTo = null;
  changed("composer");
  if (was) changed("draft");
}

export async function start(payload = "") {
  await post({ text: payload ? `/start ${payload}` : "/start" }, (message) => api.act(state.me.id, "start", { bot: String(message.chat), payload }));
  changed("refresh");
}

export async function pickFiles(files) {
  const wish = await preview(files);
  if (!wish) return;
  for (const [place, { file, kind }] of wish.files.entries()) {
    const shown = { kind, name: file.name, size: file.size, mime: file.type, local: URL.createObjectURL(file) };
    const caption = place === 0 ? wish.caption : "";
    // One after the other: they arrive in the order in which they were chosen.
    await post({ text: caption, files: [shown] }, (message) => {
      const onprogress = (share) => {
        message.progress = Math.round(share * 100);
        changed("thread");
      };
      return api.upload(state.me.id, String(message.chat), file, { kind, caption, onprogress });
    });
  }
}

export async function shareContact() {
  const chat = openChat();
  const text = t("contactText", { name: chat.title, phone: phone(state.me.phone) });
  if (!(await confirm_(t("contactTitle"), text, t("share")))) return;
  const contact = { phone_number: `+${state.me.phone}`, first_name: state.me.first_name, last_name: state.me.last_name, user_id: state.me.id };
  post({ shown: { contact } }, (message) => api.act(state.me.id, "contact", { to: String(message.chat) }));
}

async function shareLocation() {
  const chat = openChat();
  if (!(await confirm_(t("locationTitle"), t("locationText", { name: chat.title }), t("share")))) return;
  const location = { latitude: 55.75393, longitude: 37.620795 };
  post({ shown: { location } }, (message) => api.act(state.me.id, "location", { to: String(message.chat), ...location }));
}

export function attach(beside) {
  menu(beside, [
    { words: t("photoOrVideo"), act: () => choose("image/*,video/*", pickFiles) },
    { words: t("file"), act: () => choose("", pickFiles) },
    { words: t("shareContact"), act: shareContact },
    { words: t("location"), act: shareLocation },
  ]);
}

// Buttons ----------------------------------------------------------------------------------------------------------

export async function press(message, button, element) {
  if ("callback_data" in button) return tap(message, button, element);
  if ("pay" in button) return pay({ to: to(), message: message.id }, message.shown.invoice).catch(said);
  if ("copy_text" in button) return copy(button.copy_text.text);
  if ("web_app" in button) return openApp(openChat(), button).catch(said);
  const address = button.url ?? button.login_url?.url;
  if (address) return openAddress(address, { ask: true });
  toast(t("notShown", { what: Object.keys(button).filter((one) => one !== "text").join(", ") }));
}

async function tap(message, button, element) {
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  const done = await attempt("tap", { to: to(), message: message.id, data: button.callback_data });
  if (!done) return element.removeAttribute("aria-busy");
  const over = setTimeout(() => finish(done.callback), 30_000);
  taps.set(done.callback, { element, over });
  if (early.has(done.callback)) answered(early.get(done.callback));
}

function finish(number) {
  const known = taps.get(number);
  taps.delete(number);
  early.delete(number);
  clearTimeout(known?.over);
  known?.element.removeAttribute("aria-busy");
}

/** The bot has answered a tap. */
export function answered(answer) {
  if (!taps.has(answer.id)) {
    early.set(answer.id, answer);
    return;
  }
  finish(answer.id);
  if (answer.url) openAddress(answer.url, { ask: true });
  else if (answer.text && answer.alert) alert_(answer.text);
  else if (answer.text) toast(answer.text);
}

export async function pressReply(markup, button) {
  if (markup.one_time_keyboard) changed("keyboard-used");
  if (button.request_contact) return shareContact();
  if (button.request_location) return shareLocation();
  if (button.web_app) return openApp(openChat(), button, { plain: true }).catch(said);
  if (button.request_poll || button.request_users || button.request_chat) return toast(t("notShown", { what: Object.keys(button).find((one) => one.startsWith("request")) }));
  return send(button.text);
}

// Links ------------------------------------------------------------------------------------------------------------

let visit = () => {};
/** `visit({ kind, … })` opens what a link inside Telegram leads to. */
export const onVisit = (follow) => {
  visit = follow;
};

/** true when the page has taken care of it. */
export function open(address) {
  const found = inside(address);
  if (found) visit(found);
  return Boolean(found) || address.startsWith("tg:");
}

async function openAddress(address, { ask }) {
  if (open(address)) return;
  if (!ask || (await confirm_(t("openAddress"), address, t("open")))) window.open(address, "_blank", "noopener,noreferrer");
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Only safe addresses have a clipboard; a selected field works everywhere.
    const field = el("textarea", { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  toast(t("copied"));
}

// Acts on messages and chats ---------------------------------------------------------------------------------------

export function actionsButton(message) {
  return el("button", { type: "button", class: "bare dots", "aria-label": t("messageMenu"), "aria-haspopup": "menu", onclick: (event) => actions(message, event.currentTarget) }, icon("more"));
}

export function actions(message, beside) {
  const entries = [{ row: REACTIONS.map((emoji) => ({ words: emoji, act: () => react(message, emoji) })) }, { words: t("reply"), act: () => special({ replyTo: message }) }];
  if (message.text) entries.push({ words: t("copy"), act: () => copy(message.text) });
  if (message.out && message.text && !message.files.length && !message.forward) entries.push({ words: t("edit"), act: () => special({ editing: message }) });
  if (message.out) entries.push({ words: t("remove"), danger: true, act: () => remove(message) });
  menu(beside, entries);
}

const REACTIONS = ["👍", "❤", "🔥", "😁", "🤔", "👎"];

export const react = (message, emoji) => attempt("react", { to: to(), message: message.id, emoji });
export const vote = (message, options) => attempt("vote", { to: to(), message: message.id, options });

function special({ replyTo = null, editing = null }) {
  Object.assign(state, { replyTo, editing });
  changed("composer", "draft");
}

export function editLast() {
  const own = thread(state.open).messages.findLast((one) => one.out && one.text && !one.state && !one.files.length && !one.told);
  if (own) special({ editing: own });
}

async function remove(message) {
  if (!(await confirm_(t("removeTitle"), t("removeText"), t("remove"), { danger: true }))) return;
  if (await attempt("delete", { to: to(), message: message.id })) changed("refresh");
}

export const retry = (message) => message.retry();
export const showPicture = picture;
export const mention = (username) => visit({ kind: "name", username });
export const person = (id) => visit({ kind: "id", id });
export const command = (text) => send(text);
export const openMenuApp = (button) => openApp(openChat(), button).catch(said);

export const refresh = () => changed("refresh");

export async function join(chat, loadThread) {
  const done = await attempt("join", { chat: String(chat.id) });
  if (done) await loadThread(chat.id);
}

/** An invite link or the link of an invoice. */
export async function followLink(place, loadChats, openThread) {
  if (place.kind === "invoice") {
    const invoice = await api.act(state.me.id, "invoice", { link: place.link });
    return pay({ link: place.link }, { ...invoice, total_amount: invoice.amount });
  }
  const invited = await api.act(state.me.id, "invitation", { link: place.link });
  if (!invited.present) {
    const words = invited.joins_by_request ? t("askToJoin") : t("join");
    if (!(await confirm_(t("inviteTitle", { name: invited.title }), invited.description ?? "", words))) return;
    const done = await attempt("join_by_link", { link: place.link });
    if (!done) return;
    if (done.state === "asked") return toast(t("joinAsked"));
  }
  await loadChats();
  await openThread(invited.id);
}
