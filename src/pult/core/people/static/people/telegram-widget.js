// Telegram sends its signed answer in the fragment, which no server sees: it is taken out of the address bar and posted
// with the form, as the text that the server checks. "false" is what Telegram says when somebody cancels.
const form = document.querySelector("[data-telegram-widget]");
const found = new URLSearchParams(location.hash.slice(1)).get("tgAuthResult");
history.replaceState(null, "", location.pathname);

function decoded(text) {
  if (text === "false") return text;
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(plain, (letter) => letter.charCodeAt(0)));
}

function readable(text) {
  try {
    return decoded(text);
  } catch {
    return null;
  }
}

const data = found === null ? null : readable(found);
if (data === null) {
  form.querySelector("[data-nothing]").hidden = false;
} else {
  form.querySelector("[data-coming]").hidden = false;
  form.elements.data.value = data;
  form.requestSubmit();
}
