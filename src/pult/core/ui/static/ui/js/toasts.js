// Short news in the corner. Good news leaves by itself, unless somebody is reading it; trouble stays until closed.
const region = document.getElementById("toasts");
const STAY = 8000;

function settle(toast) {
  if (toast.dataset.settled) return;
  toast.dataset.settled = "yes";
  if (toast.matches('[data-tone="bad"], [data-tone="warn"]')) return;
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, STAY / 2);
    else toast.remove();
  };
  setTimeout(leave, STAY);
}

function show(text) {
  if ([...region.querySelectorAll("p")].some((shown) => shown.textContent === text)) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.tone = "bad";
  toast.setAttribute("role", "alert");
  const dot = document.createElement("span");
  dot.className = "swatch";
  const words = document.createElement("p");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button square";
  button.dataset.kind = "quiet";
  button.dataset.size = "small";
  button.dataset.closeToast = "";
  button.setAttribute("aria-label", region.dataset.close);
  button.textContent = "×";
  toast.append(dot, words, button);
  region.append(toast);
}

if (region) {
  region.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest(".toast").remove());
  new MutationObserver(() => region.querySelectorAll(".toast").forEach(settle)).observe(region, { childList: true });
  region.querySelectorAll(".toast").forEach(settle);
  document.addEventListener("htmx:responseError", () => show(region.dataset.failed));
  document.addEventListener("htmx:sendError", () => show(region.dataset.unreachable));
  document.addEventListener("htmx:timeout", () => show(region.dataset.unreachable));
}
