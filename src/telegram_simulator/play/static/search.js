// Looking for somebody: in one's own chats at once, in the whole world by @username.

import * as api from "./api.js";
import { foundRow } from "./chatlist.js";
import { el } from "./dom.js";
import { inside } from "./links.js";
import { state } from "./state.js";
import { t } from "./words.js";

export function search(field, found, chats, does) {
  let asked = 0;
  const show = async () => {
    const text = field.value.trim();
    found.hidden = !text;
    chats.hidden = Boolean(text);
    asked += 1;
    if (!text) return;
    const own = asked;
    const place = inside(text);
    const result = place && place.kind !== "name" ? [] : (await api.look(state.me.id, place ? `@${place.username}` : text).catch(() => ({ found: [] }))).found;
    if (own !== asked) return;
    found.replaceChildren(...result.map((one) => foundRow(one, {
      openFound(chosen) {
        clear();
        if (place?.start) does.visit(place);
        else does.openFound(chosen);
      },
    })));
    if (!result.length) found.append(el("li", { class: "empty" }, place && place.kind !== "name" ? t("open") : t("nothingFound")));
  };
  const clear = () => {
    field.value = "";
    found.hidden = true;
    chats.hidden = false;
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", async (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      clear();
    }
    if (event.key !== "Enter") return;
    const place = inside(field.value.trim());
    if (place && place.kind !== "name") {
      clear();
      does.visit(place);
      return;
    }
    // What was typed last may not have been looked for yet.
    await show();
    found.querySelector("button")?.click();
  });
}
