// Buttons that bots show: under a message, and in place of the keyboard.

import { el, icon } from "./dom.js";
import { t } from "./words.js";

const MARKS = { url: "link", login_url: "link", web_app: "app", copy_text: "copy", pay: "star" };

/** `does.press(message, button, element)` is what a tap leads to. */
export function inlineKeyboard(rows, message, does) {
  return el("div", { class: "inline-keyboard", role: "group", "aria-label": t("botButtons") },
    rows.map((row) => el("div", { class: "row" }, row.map((button) => {
      const mark = Object.keys(MARKS).find((kind) => kind in button);
      const pressed = (event) => does.press(message, button, event.currentTarget);
      return el("button", { type: "button", class: `${style(button)}`, dir: "auto", onclick: pressed },
        el("span", {}, button.text), mark ? icon(MARKS[mark], "mark") : null);
    }))));
}

/** `does.pressReply(markup, button)` */
export function replyKeyboard(markup, does) {
  return el("div", { class: "reply-keyboard", role: "group", "aria-label": t("quickReplies") },
    markup.keyboard.map((row) => el("div", { class: "row" }, row.map((button) =>
      el("button", { type: "button", class: style(button), dir: "auto", onclick: () => does.pressReply(markup, button) },
        el("span", {}, button.text))))));
}

const style = (button) => (["primary", "success", "danger"].includes(button.style) ? `style-${button.style}` : "plain");
