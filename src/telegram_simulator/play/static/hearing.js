// What the simulator tells while the page is open.

import * as api from "./api.js";
import { answered, expected, settle } from "./deeds.js";
import { toast } from "./dialogs.js";
import { changed, state, thread } from "./state.js";

const SHOWN_FOR = 6000; // milliseconds; Telegram shows a chat action for about five seconds
const $ = (id) => document.getElementById(id);

/** `does`: { loadChats, loadThread, refresh, seen }; returns how to stop. */
export function hear(does) {
  return api.listen(state.me.id, {
    onstate(connected, again) {
      if (connected === "ended") return setTimeout(() => location.reload(), 3000);
      state.connected = connected;
      $("offline").hidden = connected;
      // Whatever happened in between is read anew.
      if (connected && again) {
        for (const one of state.threads.values()) one.loaded = false;
        api.behind(does.refresh(), toast);
      }
    },
    onfact(kind, fact) {
      HEARD[kind](fact, does);
    },
  });
}

const HEARD = {
  message(message, does) {
    const chat = state.chats.get(message.chat);
    if (!chat) api.behind(does.loadChats(), toast);
    else {
      Object.assign(chat, { last: message, at: message.date, listed: true });
      if (!message.out) chat.unread = (chat.unread ?? 0) + 1;
    }
    quiet(message.chat);
    const own = thread(message.chat);
    arrive(own, message);
    keyboardOf(own, message, chat);
    changed("list", "thread", "composer");
    if (message.chat === state.open) requestAnimationFrame(does.seen);
    // Members and rights may have changed with it.
    if (message.told) api.behind(does.loadThread(message.chat), toast);
  },
  edited(message) {
    const own = thread(message.chat);
    const place = own.messages.findIndex((one) => one.id === message.id);
    if (place >= 0) own.messages[place] = { ...message, key: own.messages[place].key };
    const chat = state.chats.get(message.chat);
    if (chat?.last?.id === message.id) chat.last = message;
    changed("list", "thread");
  },
  deleted({ chat: number, id }, does) {
    const own = thread(number);
    own.messages = own.messages.filter((one) => one.id !== id);
    const chat = state.chats.get(number);
    if (chat?.last?.id === id) {
      chat.last = null;
      api.behind(does.loadChats(), toast);
    }
    changed("thread", "list");
  },
  tap_answered: answered,
  acting({ chat, action }) {
    quiet(chat);
    if (action !== "cancel") {
      state.acting.set(chat, action);
      timers.set(chat, setTimeout(() => quiet(chat), SHOWN_FOR));
    }
    changed("list", "head");
  },
  chat(_, does) {
    api.behind(does.refresh(), toast);
  },
  read({ chat }) {
    const known = state.chats.get(chat);
    if (known) known.unread = 0;
    changed("list");
  },
  elsewhere({ person, unread }) {
    const known = state.people.find((one) => one.id === person);
    if (known) known.unread = unread;
    changed("people");
  },
};

const timers = new Map();

function quiet(number) {
  clearTimeout(timers.get(number));
  timers.delete(number);
  if (state.acting.delete(number)) changed("list", "head");
}

function arrive(own, message) {
  if (own.messages.some((one) => one.id === message.id)) return;
  const sketched = message.out ? expected(message) : null;
  if (sketched) return settle(sketched, message);
  const place = own.messages.findIndex((one) => one.state);
  own.messages.splice(place < 0 ? own.messages.length : place, 0, message);
}

function keyboardOf(own, message, chat) {
  const markup = message.reply_markup;
  if (message.out || !markup || (chat && chat.kind !== "bot" && markup.selective)) return;
  if (markup.keyboard) own.keyboard = markup;
  else if (markup.remove_keyboard || markup.force_reply) own.keyboard = markup.force_reply ? markup : null;
  if (markup.keyboard) changed("keyboard-new");
}
