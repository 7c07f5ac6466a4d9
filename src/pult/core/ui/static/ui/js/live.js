// Server-sent events: say when the connection is lost for longer than a moment, and after it came back let the page
// fetch what it missed: elements with hx-trigger="live:back from:body" do so.
const PATIENCE = 3000;
const notice = document.getElementById("connection");
let timer = null;
let lost = false;

document.addEventListener("htmx:sseError", () => {
  lost = true;
  timer ??= setTimeout(() => (notice.hidden = false), PATIENCE);
});

document.addEventListener("htmx:sseOpen", () => {
  clearTimeout(timer);
  timer = null;
  notice.hidden = true;
  if (lost) document.body.dispatchEvent(new CustomEvent("live:back", { bubbles: true }));
  lost = false;
});

// A live fetch must not pull away a dialog or a menu that somebody has open: it waits until they have finished.
const OPEN = "#main :is(dialog, details.menu)[open]";
let postponed = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  const cause = event.detail.requestConfig.triggeringEvent?.type ?? "";
  if (!/^(sse|live):/.test(cause) || !document.querySelector(OPEN)) return;
  event.preventDefault();
  postponed = true;
});

function catchUp() {
  if (!postponed || document.querySelector(OPEN)) return;
  postponed = false;
  document.body.dispatchEvent(new CustomEvent("live:back", { bubbles: true }));
}

document.addEventListener("close", catchUp, true);
document.addEventListener("toggle", catchUp, true);

// Leaving the page breaks the stream too; that is no trouble to tell of.
addEventListener("pagehide", () => clearTimeout(timer));
