// On a phone not all tabs fit: the one that is open is brought into sight.
function show() {
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const [bar, frame] = [tab.parentElement, tab.parentElement.getBoundingClientRect()];
    bar.scrollLeft += tab.getBoundingClientRect().left - frame.left - (frame.width - tab.offsetWidth) / 2;
  }
}

show();
document.addEventListener("htmx:afterSettle", show);
