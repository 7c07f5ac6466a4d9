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

// Leaving the page breaks the stream too; that is no trouble to tell of.
addEventListener("pagehide", () => clearTimeout(timer));
