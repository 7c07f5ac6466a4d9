// Writing: the text field, commands, files, the bot's keyboard, and what stands there instead.

import { el, icon } from "./dom.js";
import { replyKeyboard } from "./keyboards.js";
import { draft, keepDraft, openChat, state, thread } from "./state.js";
import { fullName, summary } from "./summary.js";
import { t } from "./words.js";

export class Composer {
  /** `does`: { send, start, unblock, join, pickFiles, shareContact, pressReply, command, openMenuApp, cancelSpecial, typed } */
  constructor(root, does) {
    Object.assign(this, { root, does, keyboardOpen: true, shape: "" });
    this.field = el("textarea", { rows: "1", dir: "auto", "data-testid": "composer", "aria-label": t("message"), placeholder: t("write"), enterkeyhint: "send", autocomplete: "off" });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) {
        event.preventDefault();
        does.pickFiles([...event.clipboardData.files]);
      }
    });
    this.suggestions = el("div", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": t("commands"), hidden: true });
    this.field.setAttribute("aria-controls", "suggestions");
    this.quoted = el("div", { class: "quoted", hidden: true });
    this.sendButton = el("button", { type: "button", class: "round main", "data-testid": "send", "aria-label": t("send"), onclick: () => this.send() }, icon("send"));
  }

  /** Build the row again when the chat or what is possible in it differs; never while only texts differ. */
  draw() {
    const chat = openChat();
    if (!chat) return;
    const { keyboard } = thread(chat.id);
    const shape = JSON.stringify([state.me.id, chat.id, mode(chat), keyboard, this.keyboardOpen, chat.menu_button, chat.commands?.length ?? 0, chat.invited]);
    if (shape !== this.shape) {
      const other = this.number !== `${state.me.id}:${chat.id}`;
      this.number = `${state.me.id}:${chat.id}`;
      const focused = this.root.contains(document.activeElement);
      this.root.replaceChildren(...this.parts(chat, keyboard));
      this.shape = shape;
      if (other) this.fill(draft(chat.id));
      if (focused && !other && this.field.isConnected) this.field.focus();
      this.grow();
    }
    this.drawQuoted();
  }

  parts(chat, keyboard) {
    const act = mode(chat);
    if (act !== "write") return [instead(act, chat, this.does)];
    const parts = [this.suggestions, this.quoted];
    const left = [];
    if (chat.kind === "bot") left.push(this.menuButton(chat));
    const attach = el("button", { type: "button", class: "round", "aria-label": t("attach"), "data-testid": "attach", onclick: (event) => this.does.attach(event.currentTarget) }, icon("clip"));
    const right = [];
    if (keyboard?.keyboard) {
      right.push(el("button", { type: "button", class: "round", "aria-label": t("keyboard"), "aria-expanded": String(this.keyboardOpen), onclick: () => this.toggleKeyboard() }, icon("keyboard")));
    }
    this.field.placeholder = keyboard?.input_field_placeholder || t("write");
    parts.push(el("div", { class: "write" }, left, attach, this.field, right, this.sendButton));
    if (keyboard?.keyboard && this.keyboardOpen) parts.push(replyKeyboard(keyboard, this.does));
    return parts;
  }

  menuButton(chat) {
    const app = chat.menu_button?.type === "web_app" ? chat.menu_button : null;
    if (!app && !chat.commands?.length) return null;
    const onclick = () => (app ? this.does.openMenuApp(app) : this.toggleCommands());
    return el("button", { type: "button", class: app ? "menu-app" : "round", "data-testid": "menu", "aria-label": app ? app.text : t("menu"), onclick }, app ? el("bdi", {}, app.text) : icon("menu"));
  }

  toggleKeyboard(open = !this.keyboardOpen) {
    this.keyboardOpen = open;
    this.draw();
  }

  // Text ---------------------------------------------------------------------------------------------------------

  fill(text) {
    this.field.value = text;
    this.grow();
    this.suggest();
  }

  focus() {
    if (this.field.isConnected) this.field.focus();
  }

  typed() {
    if (!state.editing) keepDraft(state.open, this.field.value);
    this.grow();
    this.suggest();
    this.does.typed();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 200)}px`;
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.suggestions.hidden && this.suggestionKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && (state.replyTo || state.editing)) {
      event.preventDefault();
      event.stopPropagation();
      this.does.cancelSpecial();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      event.preventDefault();
      this.does.editLast();
    }
  }

  send() {
    const text = this.field.value.trim();
    if (!text) return this.focus();
    this.does.send(text);
    this.fill("");
    this.focus();
  }

  drawQuoted() {
    const special = state.editing ?? state.replyTo;
    this.quoted.hidden = !special;
    if (!special) return;
    const title = state.editing ? t("editing") : t("replyTo", { name: fullName(special.from) });
    this.quoted.replaceChildren(icon(state.editing ? "done" : "reply"), el("span", { class: "quoted-words" }, el("strong", { dir: "auto" }, title), el("span", { class: "quiet", dir: "auto" }, summary(special))),
      el("button", { type: "button", class: "bare", "aria-label": t("cancel"), onclick: () => this.does.cancelSpecial() }, icon("close")));
  }

  // Commands -----------------------------------------------------------------------------------------------------

  toggleCommands() {
    if (this.suggestions.hidden) this.showSuggestions(openChat().commands ?? []);
    else this.suggestions.hidden = true;
    this.focus();
  }

  suggest() {
    const found = /^\/(\w*)$/.exec(this.field.value);
    const commands = openChat()?.commands ?? [];
    this.showSuggestions(found ? commands.filter((one) => one.command.startsWith(found[1].toLowerCase())) : []);
  }

  showSuggestions(commands) {
    this.suggestions.hidden = !commands.length;
    this.suggestions.replaceChildren(...commands.map((one, place) => el("button", {
      type: "button", role: "option", tabindex: "-1", id: `command-${place}`, "aria-selected": "false",
      onclick: () => this.choose(one.command),
    }, el("strong", {}, `/${one.command}`), el("span", { class: "quiet", dir: "auto" }, one.description))));
    this.field.removeAttribute("aria-activedescendant");
  }

  suggestionKey(event) {
    const options = [...this.suggestions.children];
    const place = options.findIndex((one) => one.ariaSelected === "true");
    if (event.key === "Escape") this.suggestions.hidden = true;
    else if (event.key === "ArrowDown") this.mark(options, place + 1);
    else if (event.key === "ArrowUp") this.mark(options, place - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && place >= 0) options[place].click();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  mark(options, place) {
    const wanted = (place + options.length) % options.length;
    options.forEach((one, index) => one.setAttribute("aria-selected", String(index === wanted)));
    options[wanted].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", options[wanted].id);
  }

  choose(command) {
    this.suggestions.hidden = true;
    this.fill("");
    keepDraft(state.open, "");
    this.does.send(`/${command}`);
    this.focus();
  }
}

/** What one can do in the chat: write, start, restart, join, ask, asked, nothing. */
export function mode(chat) {
  if (chat.kind === "bot") {
    if (chat.blocked) return "restart";
    const started = thread(chat.id).messages.length || chat.last;
    return started ? "write" : "start";
  }
  if (chat.kind === "person") return chat.title ? "write" : "nothing";
  if (chat.asked) return "asked";
  if (!chat.present) return chat.joins_by_request ? "ask" : "join";
  return chat.may_write ? "write" : "nothing";
}

function instead(act, chat, does) {
  if (act === "asked") return el("p", { class: "instead quiet" }, t("joinAsked"));
  if (act === "nothing") return el("p", { class: "instead quiet" }, t(chat.kind === "channel" ? "onlyReading" : "cannotWrite"));
  const [words, deed] = {
    start: [t("start"), does.start], restart: [t("restart"), does.unblock], join: [t("join"), does.join], ask: [t("askToJoin"), does.join],
  }[act];
  return el("div", { class: "instead" }, act === "restart" ? el("p", { class: "quiet" }, t("blocked")) : null,
    el("button", { type: "button", class: "main wide", "data-testid": act, onclick: deed }, words));
}
