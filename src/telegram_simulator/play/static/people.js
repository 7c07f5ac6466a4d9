// Choosing whom one plays: those who are known, anybody else of this world, or somebody new.

import * as api from "./api.js";
import { window_ } from "./dialogs.js";
import { avatar, el, name } from "./dom.js";
import { state } from "./state.js";
import { count, phone, t } from "./words.js";

/** The person that was chosen, or undefined. */
export async function choosePerson() {
  state.people = (await api.people()).people;
  return window_(t("whoAreYou"), (close) => {
    const list = el("ul", { class: "people" });
    const wrong = el("p", { class: "bad", role: "alert" });
    const field = el("input", { type: "search", "aria-label": t("findOrCreate"), placeholder: t("findHint"), autocomplete: "off", "data-testid": "person-name", maxlength: "64", dir: "auto" });
    const ask = async (wish) => {
      try {
        close(await api.findPerson(wish));
      } catch (refused) {
        wrong.textContent = refused.message || t("notConnected");
      }
    };
    const draw = () => {
      const wanted = field.value.trim();
      const shown = state.people.filter((one) => matches(one, wanted));
      list.replaceChildren(...shown.map((one) => personRow(one, close)), ...others(wanted, shown, ask));
    };
    field.addEventListener("input", draw);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") list.querySelector("button")?.click();
    });
    draw();
    setTimeout(() => field.focus());
    return [field, wrong, list];
  }, { kind: "people-window" });
}

const matches = (one, wanted) => {
  const text = `${one.name} ${one.username ?? ""} ${one.phone} ${one.id} ${one.note ?? ""}`.toLowerCase();
  return wanted.toLowerCase().replace(/^[@+]/, "").split(/\s+/).every((word) => text.includes(word));
};

function personRow(one, close) {
  const about = [one.username && `@${one.username}`, phone(one.phone)].filter(Boolean).join(" · ");
  return el("li", {}, el("button", {
    type: "button", class: "chat-row", "data-testid": `person-${one.id}`, "aria-current": one.id === state.me?.id ? "true" : null, onclick: () => close(one),
  },
  avatar(one.id, one.name),
  el("span", { class: "chat-words" },
    el("span", { class: "chat-top" }, name(one.name, { class: "chat-title" }), one.note ? el("span", { class: "chip" }, t(one.note)) : null),
    el("span", { class: "chat-bottom" }, el("span", { class: "preview", dir: "ltr" }, about), one.unread ? el("span", { class: "badge" }, count(one.unread)) : null))));
}

function others(wanted, shown, ask) {
  if (!wanted) return [];
  const exact = /^(@[A-Za-z]\w{3,31}|\+?[\d ()-]{5,20})$/.test(wanted);
  if (exact && shown.length) return [];
  const wish = exact ? { person: wanted.replace(/[ ()-]/g, "") } : { name: wanted };
  const words = exact ? `${t("findOrCreate")}: ${wanted}` : t("create", { name: wanted });
  return [el("li", {}, el("button", { type: "button", class: "chat-row new", "data-testid": "create-person", onclick: () => ask(wish) }, el("span", { class: "avatar", "aria-hidden": "true" }, "+"), el("bdi", {}, words)))];
}
