// Light, dark, or as the system: kept in a cookie, so that the server draws the next page right at once.
const root = document.documentElement;

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  const choice = button.dataset.themeChoice;
  if (choice) root.dataset.theme = choice;
  else delete root.dataset.theme;
  const age = choice ? 31536000 : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `pult_theme=${choice}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  for (const other of document.querySelectorAll("[data-theme-choice]")) {
    other.setAttribute("aria-pressed", String(other.dataset.themeChoice === choice));
  }
});
