// One choice of light or dark for Pult and its panel: Pult keeps it in a cookie, unfold in the browser's storage.
const stored = () => JSON.parse(localStorage.getItem("adminTheme") ?? '"auto"');
const cookie = document.cookie.match(/(?:^|; )pult_theme=(light|dark)/)?.[1] ?? "auto";
localStorage.setItem("adminTheme", JSON.stringify(cookie));

document.addEventListener("click", () => {
  // After unfold has taken the click.
  setTimeout(() => {
    const chosen = stored();
    if (chosen === (document.cookie.match(/(?:^|; )pult_theme=(light|dark)/)?.[1] ?? "auto")) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const age = chosen === "auto" ? 0 : 31536000;
    document.cookie = `pult_theme=${chosen}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  }, 50);
});
