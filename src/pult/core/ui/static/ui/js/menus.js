// A menu closes on Escape, on a click elsewhere and when the focus leaves it; arrows walk through its entries.
const openMenus = () => document.querySelectorAll("details.menu[open]");

function close(menu, { refocus = false } = {}) {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

const GAP = 4;

// The frame of a table scrolls and would cut the panel off: there it stands above the page, beside its button.
function lift(menu) {
  const panel = menu.querySelector(".menu-panel");
  panel.style.position = "fixed";
  panel.style.inset = "0 auto auto 0";
  const { width, height } = panel.getBoundingClientRect();
  const button = menu.getBoundingClientRect();
  const fromStart = getComputedStyle(menu).direction === "rtl" ? button.left : button.right - width;
  const below = button.bottom + GAP;
  const top = below + height > innerHeight && button.top > height + GAP ? button.top - height - GAP : below;
  panel.style.left = `${Math.max(GAP, Math.min(fromStart, document.documentElement.clientWidth - width - GAP))}px`;
  panel.style.top = `${top}px`;
}

// It follows its button when the page or the table is scrolled.
function follow() {
  for (const menu of openMenus()) if (menu.closest(".table-frame")) lift(menu);
}
addEventListener("scroll", follow, { capture: true, passive: true });
addEventListener("resize", follow);

// A panel that would leave the window opens to the other side.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement && menu.matches(".menu") && menu.open)) return;
    if (menu.closest(".table-frame")) return lift(menu);
    const panel = menu.querySelector(".menu-panel").getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    if (panel.x < 0 || panel.x + panel.width > width) menu.classList.toggle("start");
    if (panel.y + panel.height > innerHeight && panel.height < menu.getBoundingClientRect().y) menu.classList.add("up");
  },
  true,
);

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target) || event.target.closest("a.menu-item, [command='show-modal']")) close(menu);
  }
});

document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.preventDefault();
    close(menu, { refocus: true });
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const entries = [...menu.querySelectorAll(".menu-panel :is(a, button):not([hidden] *)")];
    if (!entries.length) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const place = entries.indexOf(document.activeElement);
    const next = place < 0 ? (step > 0 ? 0 : entries.length - 1) : (place + step + entries.length) % entries.length;
    entries[next].focus();
  }
});
