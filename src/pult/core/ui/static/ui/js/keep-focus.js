// A live fetch replaces what the keyboard stands on: it stands on the same link or button afterwards.
// (Elements with an id are kept by htmx itself.)
const REACHABLE = "#main :is(a[href], button, summary, input, select, textarea, [tabindex])";
let place = null;

function likeness(element) {
  const row = element.closest("tr")?.querySelector(".row-link")?.getAttribute("href");
  const form = element.closest("form")?.getAttribute("action");
  const own = [element.tagName, element.getAttribute("href"), element.getAttribute("name"), element.textContent.trim()];
  return [row, form, ...own].join("\n");
}

const alike = (words) => [...document.querySelectorAll(REACHABLE)].filter((one) => likeness(one) === words);

document.addEventListener("htmx:beforeSwap", () => {
  const here = document.activeElement;
  place = null;
  if (here === null || here.id || !here.matches(REACHABLE)) return;
  const words = likeness(here);
  place = { words, nth: alike(words).indexOf(here) };
});

document.addEventListener("htmx:afterSettle", () => {
  if (place !== null && document.activeElement === document.body) {
    const found = alike(place.words);
    (found[place.nth] ?? found[0])?.focus({ preventScroll: true });
  }
  place = null;
});
