// A message in a few words: for the list of chats, replies and screen readers.

import { price, t } from "./words.js";

export const fullName = (user) =>
  user ? user.name || [user.first_name, user.last_name].filter(Boolean).join(" ") || user.title || t("deletedAccount") : t("deletedAccount");

export const senderName = (message) => fullName(message.from);

export function summary(message) {
  const service = serviceText(message);
  if (service) return service;
  return [kindName(message), message.text].filter(Boolean).join(", ") || t("notShown", { what: unknownFields(message).join(", ") });
}

function kindName(message) {
  const file = message.files[0];
  if (file) return fileName(file);
  const shown = message.shown ?? {};
  if (shown.contact) return `${t("contact")}: ${fullName(shown.contact)}`;
  if (shown.location || shown.venue) return t("location");
  if (message.poll) return `${t("poll")}: ${message.poll.question}`;
  if (shown.dice) return `${shown.dice.emoji} ${shown.dice.value}`;
  if (shown.invoice) return `${t("invoice")}: ${shown.invoice.title}`;
  return "";
}

function fileName(file) {
  if (file.kind === "document") return file.name || t("file");
  if (file.kind === "sticker") return [file.emoji, t("sticker")].filter(Boolean).join(" ");
  return t(file.kind === "video_note" ? "videoNote" : file.kind);
}

/** What a service message says, or null for an ordinary one. */
export function serviceText(message) {
  const told = message.told;
  if (!told) return null;
  const who = senderName(message);
  if (told.new_chat_members) {
    const whom = told.new_chat_members.map(fullName).join(", ");
    const alone = told.new_chat_members.every((one) => one.id === message.from?.id);
    return alone ? t("joined", { who: whom }) : t("added", { who, whom });
  }
  if (told.left_chat_member) {
    const whom = fullName(told.left_chat_member);
    return told.left_chat_member.id === message.from?.id ? t("left", { who: whom }) : t("removed", { who, whom });
  }
  if (told.pinned_message) return t("pinned", { who });
  if (told.new_chat_title) return t("newTitle", { who, what: told.new_chat_title });
  if (told.forum_topic_created) return t("topicCreated", { what: told.forum_topic_created.name });
  if (told.group_chat_created || told.supergroup_chat_created || told.channel_chat_created) return t("created", { who });
  if (told.web_app_data) return t("appData");
  return payment(told) ?? t("serviceMessage", { what: Object.keys(told).join(", ") });
}

function payment(told) {
  const paid = told.successful_payment;
  if (paid) return t("receipt", { price: price(paid.total_amount, paid.currency) });
  const back = told.refunded_payment;
  return back ? t("refunded", { price: price(back.total_amount, back.currency) }) : null;
}

export const unknownFields = (message) => Object.keys(message.shown ?? {});
