// One message as it is shown.

import { el, icon, name } from "./dom.js";
import { formatted } from "./entities.js";
import { inlineKeyboard } from "./keyboards.js";
import { mediaView } from "./media.js";
import { fullName, senderName, serviceText, summary, unknownFields } from "./summary.js";
import { clock, moment, phone, price, t } from "./words.js";

/** `context`: { me, chat, does, first (of a run by the same sender) } */
export function bubble(message, context) {
  const service = serviceText(message);
  const item = el("li", { "data-message-id": String(message.id) });
  if (service) {
    item.className = "service";
    item.append(el("span", { title: moment(message.date), dir: "auto" }, service));
    return item;
  }
  item.className = ["message", message.out ? "out" : "in", context.first ? "first" : "", message.state ?? ""].filter(Boolean).join(" ");
  item.append(el("div", { class: "line" }, el("div", { class: "bubble" }, inside(message, context)),
    message.state ? null : context.does.actionsButton(message)));
  // The right button of a mouse, or a long touch.
  item.firstChild.addEventListener("contextmenu", (event) => {
    if (message.state || getSelection().toString() || event.target.closest("a, img")) return;
    event.preventDefault();
    context.does.actions(message, item.querySelector(".dots"));
  });
  const chosen = reactions(message, context);
  if (chosen) item.append(chosen);
  const keyboard = buttons(message, context);
  if (keyboard) item.append(keyboard);
  return item;
}

function inside(message, context) {
  const { chat, does } = context;
  const parts = [];
  if (["group", "supergroup"].includes(chat.kind) && !message.out && context.first) parts.push(sender(message));
  if (message.forward) parts.push(forwarded(message.forward));
  if (message.reply_to) parts.push(answered(message.reply_to, does));
  return [...parts, ...body(message, context), footer(message, does)];
}

const sender = (message) => el("div", { class: `sender name-${Math.abs(message.from?.id ?? 0) % 7}` },
  name(senderName(message)), message.from?.bot ? el("span", { class: "chip" }, t("bot")) : null);

function forwarded(origin) {
  const who = origin.sender_user ?? origin.sender_chat ?? origin.chat;
  return el("div", { class: "forwarded" }, t("forwardedFrom"), " ", name(who ? fullName(who) : origin.sender_user_name));
}

function answered(message, does) {
  return el("button", { type: "button", class: "answered", onclick: () => does.show(message.id) },
    name(senderName(message), { class: "strong" }), el("span", { dir: "auto" }, summary(message)));
}

function body(message, context) {
  const { me, does } = context;
  const shown = message.shown ?? {};
  const parts = message.files.map((file) => mediaView(file, me, does));
  if (shown.contact) parts.push(contactCard(shown.contact, does));
  const place = shown.venue?.location ?? shown.location;
  if (place) parts.push(card(t("location"), el("span", { dir: "ltr" }, `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}`)));
  if (message.poll) parts.push(pollCard(message, does));
  if (shown.dice) parts.push(el("div", { class: "dice" }, `${shown.dice.emoji} ${shown.dice.value}`));
  if (shown.invoice) parts.push(invoiceCard(shown.invoice));
  if (message.text) {
    parts.push(el("div", { class: roomy(message) ? "text" : "text tight", dir: "auto" }, formatted(message.text, message.entities, does)));
  } else if (!parts.length) {
    parts.push(el("div", { class: "text quiet" }, t("notShown", { what: unknownFields(message).join(", ") })));
  }
  return parts;
}

const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u202b\u202e\u2067]/;

/** Whether the time needs a line of its own: it stands at the end of the last line otherwise. */
function roomy(message) {
  const last = message.entities.some((one) => ["pre", "blockquote", "expandable_blockquote"].includes(one.type) && one.offset + one.length >= message.text.length);
  return last || message.edited || Boolean(message.state) || FROM_THE_RIGHT.test(message.text);
}

const card = (title, ...rest) => el("div", { class: "card-in" }, el("strong", { dir: "auto" }, title), ...rest);

const contactCard = (contact, does) => el("button", { type: "button", class: "card-in contact", onclick: () => contact.user_id && does.person(contact.user_id) },
  el("strong", {}, name(fullName(contact))), el("span", { dir: "ltr" }, phone(contact.phone_number)));

const invoiceCard = (invoice) => card(invoice.title, el("span", { class: "text", dir: "auto" }, invoice.description),
  el("span", { class: "strong" }, price(invoice.total_amount, invoice.currency)));

function footer(message, does) {
  if (message.state === "failed") {
    const words = [message.reason, t("failed")].filter(Boolean).join(" ");
    return el("div", { class: "footer" }, el("button", { type: "button", class: "in-text bad", onclick: () => does.retry(message) }, words));
  }
  const time = el("time", { datetime: new Date(message.date * 1000).toISOString(), title: moment(message.date) }, clock(message.date));
  const share = message.progress ? `${message.progress} % ` : "";
  const waiting = message.state === "waiting" ? el("span", { class: "status", title: t("waiting") }, share, icon("clock")) : null;
  return el("div", { class: "footer" }, message.edited ? el("span", {}, t("edited")) : null, time, waiting);
}

/** Reactions with their numbers; one's own can be taken back. */
function reactions(message, { me, does }) {
  const counted = new Map();
  for (const [person, given] of Object.entries(message.reactions ?? {})) {
    for (const emoji of given) counted.set(emoji, [...(counted.get(emoji) ?? []), Number(person)]);
  }
  if (!counted.size) return null;
  return el("div", { class: "reactions", role: "group", "aria-label": t("reactions") }, [...counted].map(([emoji, people]) => {
    const own = people.includes(me);
    return el("button", { type: "button", "aria-pressed": String(own), onclick: () => does.react(message, own ? "" : emoji) }, `${emoji} ${people.length}`);
  }));
}

/** Before one has voted: choices; then what everybody has chosen. */
function pollCard(message, does) {
  const { poll, voted } = message;
  const open = !poll.is_closed && !voted.length;
  const options = poll.options.map((one, place) => {
    const share = poll.total_voter_count ? Math.round((100 * one.voter_count) / poll.total_voter_count) : 0;
    if (open && poll.allows_multiple_answers) return el("label", { class: "check" }, el("input", { type: "checkbox", value: String(place) }), el("span", { dir: "auto" }, one.text));
    if (open) return el("button", { type: "button", class: "choice", dir: "auto", onclick: () => does.vote(message, [place]) }, one.text);
    const mark = voted.includes(place) ? "✓ " : "";
    return el("div", { class: "result" }, el("span", { dir: "auto" }, mark + one.text), el("span", { class: "quiet" }, `${share} %`), el("meter", { min: "0", max: "100", value: String(share), "aria-label": one.text }));
  });
  const box = card(poll.question, ...options);
  const chosen = () => [...box.querySelectorAll("input:checked")].map((one) => Number(one.value));
  if (open && poll.allows_multiple_answers) box.append(el("button", { type: "button", class: "choice strong", onclick: () => chosen().length && does.vote(message, chosen()) }, t("vote")));
  if (poll.is_closed || voted.length) box.append(el("span", { class: "quiet" }, t("voters", { n: poll.total_voter_count })));
  return box;
}

function buttons(message, { does }) {
  const given = message.reply_markup?.inline_keyboard;
  const invoice = message.shown?.invoice;
  if (given?.length) return inlineKeyboard(given, message, does);
  if (!invoice) return null;
  const pay = { text: t("pay", { price: price(invoice.total_amount, invoice.currency) }), pay: true };
  return inlineKeyboard([[pay]], message, does);
}
