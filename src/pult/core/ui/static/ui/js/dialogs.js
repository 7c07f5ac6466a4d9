// Browsers without command/commandfor and closedby: the same buttons, the same closing on a click outside.
const speaksCommands = "commandForElement" in HTMLButtonElement.prototype;
const closesOutside = "closedBy" in HTMLDialogElement.prototype;

document.addEventListener("click", (event) => {
  if (!speaksCommands) {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (dialog instanceof HTMLDialogElement) {
      if (button.getAttribute("command") === "show-modal") dialog.showModal();
      if (button.getAttribute("command") === "close") dialog.close();
      return;
    }
  }
  if (!closesOutside && event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.x && event.clientX <= box.x + box.width &&
      event.clientY >= box.y && event.clientY <= box.y + box.height;
    if (!inside) event.target.close();
  }
});
