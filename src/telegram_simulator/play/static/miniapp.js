// Mini Apps in a frame, with the part of Telegram's bridge that pages use most.

import * as api from "./api.js";
import { window_ } from "./dialogs.js";
import { el } from "./dom.js";
import { state } from "./state.js";
import { t } from "./words.js";

/**
 * `button`: { text, web_app: { url } }; `plain`: it stood on the bot's keyboard, so that the app may send data back.
 */
export async function openApp(chat, button, { plain = false } = {}) {
  const me = state.me.id;
  const { url } = await api.act(me, "web_app", { bot: String(chat.id), url: button.web_app.url, keyboard: plain });
  await window_(button.text, (close) => {
    // Without allow-same-origin for our own address the frame could not be told from this page.
    const own = new URL(url).origin === location.origin;
    const frame = el("iframe", { src: url, title: button.text, sandbox: `allow-scripts allow-forms allow-popups${own ? "" : " allow-same-origin"}` });
    const hear = (event) => {
      if (event.source !== frame.contentWindow) return;
      const told = parsed(event.data);
      if (told?.eventType === "web_app_close") close();
      if (told?.eventType === "web_app_data_send" && plain) {
        api.act(me, "web_app_data", { bot: String(chat.id), data: String(told.eventData?.data ?? ""), button: button.text });
        close();
      }
    };
    addEventListener("message", hear);
    const watch = new MutationObserver(() => {
      if (frame.isConnected) return;
      removeEventListener("message", hear);
      watch.disconnect();
    });
    watch.observe(document.getElementById("over"), { childList: true });
    return [frame, el("div", { class: "actions" }, el("a", { class: "button", href: url, target: "_blank", rel: "noopener" }, t("openInTab")))];
  }, { kind: "app" });
}

function parsed(data) {
  try {
    return typeof data === "string" ? JSON.parse(data) : data;
  } catch {
    return null; // other scripts of the frame may say what they like
  }
}
