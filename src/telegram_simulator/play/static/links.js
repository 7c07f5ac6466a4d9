// Links that lead somewhere inside Telegram open inside the page.

const NAME = /^[A-Za-z][A-Za-z0-9_]{3,31}$/;

/** {kind: "name", username, start?} | {kind: "invite", link} | {kind: "invoice", link} | {kind: "id", id} | null */
export function inside(address) {
  let url;
  try {
    url = new URL(/^[a-z]+:/i.test(address) ? address : `https://${address}`);
  } catch {
    return null;
  }
  if (url.protocol === "tg:") return fromScheme(url);
  const own = ["t.me", "telegram.me", "telegram.dog"].includes(url.hostname.toLowerCase());
  if (!["http:", "https:"].includes(url.protocol) || !own) return null;
  const first = url.pathname.split("/")[1] ?? "";
  if (first.startsWith("+") || first === "joinchat") return { kind: "invite", link: url.href };
  if (first.startsWith("$") || first === "invoice") return { kind: "invoice", link: url.href };
  return NAME.test(first) ? named(first, url.searchParams) : null;
}

function fromScheme(url) {
  const what = url.hostname || url.pathname.replaceAll("/", "");
  const query = url.searchParams;
  if (what === "resolve" && NAME.test(query.get("domain") ?? "")) return named(query.get("domain"), query);
  if (what === "join") return { kind: "invite", link: `https://t.me/+${query.get("invite")}` };
  if (what === "user" && /^\d+$/.test(query.get("id") ?? "")) return { kind: "id", id: Number(query.get("id")) };
  return null;
}

const named = (username, query) => ({ kind: "name", username, start: query.get("start") });

/** Whether the page may offer this address as a link. */
export function safe(address) {
  try {
    return ["http:", "https:", "mailto:", "tel:", "tg:"].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}
