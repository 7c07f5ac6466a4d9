// The messages of the open chat: newest at the bottom, and there it stays unless one has scrolled up.

import { bubble } from "./bubble.js";
import { arrange, el } from "./dom.js";
import { openChat, state, thread } from "./state.js";
import { day, t } from "./words.js";

const NEAR = 80; // pixels from the end that still count as the end
const RUN = 300; // seconds within which messages of one sender stand together

export class Thread {
  /** `scroller` contains `list`; `does` are the acts of messages, and `older()`, `seen()`. */
  constructor(scroller, list, down, does) {
    Object.assign(this, { scroller, list, down, does, drawn: new Map(), number: null, atEnd: true, lastTop: 0 });
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    down.addEventListener("click", () => this.toEnd(true));
    // A picture that arrives, a keyboard that opens: the end stays in view.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(scroller);
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(list);
  }

  draw() {
    const chat = openChat();
    if (!chat) return;
    if (this.number !== chat.id) {
      this.number = chat.id;
      this.drawn.clear();
      this.atEnd = true;
    }
    const { messages, complete, loaded } = thread(chat.id);
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    const first = this.firstShown;
    arrange(this.list, this.items(chat, messages, loaded));
    this.firstShown = messages[0]?.id;
    // Older messages came in above: what one reads stays where it is.
    if (!this.atEnd && first !== undefined && first !== this.firstShown) this.scroller.scrollTop = this.scroller.scrollHeight - before;
    if (this.atEnd) this.toEnd();
    if (!complete && this.scroller.scrollHeight <= this.scroller.clientHeight + NEAR) this.does.older();
  }

  items(chat, messages, loaded) {
    const known = this.drawn;
    this.drawn = new Map();
    const items = [];
    if (loaded && !messages.length && chat.kind === "bot" && chat.description) items.push(this.keep(known, "intro", chat.description ?? "", () => intro(chat)));
    let last = null;
    for (const message of messages) {
      const today = day(message.date);
      if (!last || day(last.date) !== today) items.push(this.keep(known, `day ${today}`, today, () => el("li", { class: "day" }, el("span", {}, today))));
      const first = !last || last.from?.id !== message.from?.id || message.date - last.date > RUN || Boolean(last.told) || day(last.date) !== today;
      const context = { me: state.me.id, chat, does: this.does, first };
      const shown = this.keep(known, message.key ?? message.id, JSON.stringify([message, first]), () => bubble(message, context));
      items.push(shown);
      last = message;
    }
    return items;
  }

  /** The element of before when nothing about it has changed. */
  keep(known, key, content, make) {
    const before = known.get(key);
    const entry = before?.content === content ? before : { content, item: make() };
    if (before && before !== entry) keepOpen(before.item, entry.item);
    this.drawn.set(key, entry);
    return entry.item;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Only going up leaves the end: a picture that arrives below does not.
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.atEnd = true;
    else if (scrollTop < this.lastTop - 2) this.atEnd = false;
    this.lastTop = scrollTop;
    this.down.hidden = this.atEnd;
    if (this.atEnd) this.does.seen();
    if (scrollTop < 300) this.does.older();
  }

  toEnd(smoothly = false) {
    this.atEnd = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !calm ? "smooth" : "instant" });
    this.down.hidden = true;
  }

  /** Bring a message into view and mark it for a moment. */
  show(id) {
    const item = this.list.querySelector(`[data-message-id="${CSS.escape(String(id))}"]`);
    if (!item) return;
    item.scrollIntoView({ block: "center" });
    item.classList.add("marked");
    setTimeout(() => item.classList.remove("marked"), 1500);
  }
}

/** What was opened in the version of before stays open, and the focus stays on the same button. */
function keepOpen(before, after) {
  if (before.contains(document.activeElement)) {
    const words = document.activeElement.textContent;
    const same = [...after.querySelectorAll("button, a")].find((one) => one.textContent === words);
    if (same) setTimeout(() => same.focus({ preventScroll: true }));
  }
}

const intro = (chat) => el("li", { class: "intro" }, el("strong", {}, t("whatCanThisBotDo")), el("div", { class: "text", dir: "auto" }, chat.description));
