// Copies the text beside the button and says so for a moment.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = button.parentElement.querySelector("code");
  const words = button.querySelector("span");
  const before = words.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // No right to the clipboard (plain http): select the text, so that the keyboard can copy it.
    getSelection().selectAllChildren(source);
    return;
  }
  words.textContent = button.dataset.copied;
  setTimeout(() => (words.textContent = before), 2000);
});
