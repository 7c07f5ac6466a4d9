// Paying an invoice with the made-up Stars of the person who is being played.

import * as api from "./api.js";
import { alert_, window_ } from "./dialogs.js";
import { el } from "./dom.js";
import { state } from "./state.js";
import { price, t } from "./words.js";

/** `wish`: { to, message } of an invoice in a chat, or { link }; `invoice`: { title, description, currency, total_amount } */
export async function pay(wish, invoice) {
  const me = state.me.id;
  const cost = price(invoice.total_amount, invoice.currency);
  let balance = (await api.wallet(me)).stars;
  await window_(t("payTitle", { price: cost }), (close) => {
    const words = el("p", { role: "status" });
    const wrong = el("p", { class: "bad", role: "alert" });
    const payButton = el("button", { type: "button", class: "main", "data-testid": "pay" }, t("pay", { price: cost }));
    const more = el("button", { type: "button" }, t("topUp"));
    const draw = () => {
      words.textContent = t("payText", { balance: price(balance, "XTR") });
      const enough = invoice.currency !== "XTR" || balance >= invoice.total_amount;
      payButton.disabled = !enough;
      wrong.textContent = enough ? "" : t("notEnough");
    };
    more.addEventListener("click", async () => {
      balance = (await api.act(me, "stars", { stars: 1000 })).stars;
      draw();
    });
    payButton.addEventListener("click", async () => {
      payButton.disabled = more.disabled = true;
      words.textContent = t("paying");
      wrong.textContent = "";
      try {
        const result = await api.act(me, "pay", wish);
        close();
        if (result.state !== "paid") alert_(result.reason || t("payFailed"));
      } catch (refused) {
        more.disabled = false;
        draw();
        wrong.textContent = refused.message || t("notConnected");
      }
    });
    draw();
    return [
      el("p", { dir: "auto" }, el("strong", {}, invoice.title)),
      el("p", { class: "text quiet", dir: "auto" }, invoice.description ?? ""),
      words, wrong,
      el("div", { class: "actions" }, more, payButton),
    ];
  }, { kind: "small" });
}
