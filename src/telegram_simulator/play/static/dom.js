// Elements are only ever built from text, never from markup: names and messages are hostile.

const SVG = "http://www.w3.org/2000/svg";

/** el("button", { class: "x", onclick: f, "aria-label": "…" }, "text", node, null) */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if ((name === "value" && tag !== "meter") || name === "checked" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** A name or title of somebody: kept apart from the text around it, whatever directions it contains. */
export const name = (text, properties = {}) => el("bdi", properties, text || "…");

const PATHS = {
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-8-6 16-3-7z",
  clip: "M8 12.5l6.5-6.5a3 3 0 014.2 4.2L10.500 18.400a5 5 0 01-7-7L11 4",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 5.500v.01M12 12v.01M12 18.500v.01",
  keyboard: "M3 7h18v10H3zM7 10.500v.01M12 10.500v.01M17 10.500v.01M8 14h8",
  menu: "M5 8h14M5 12h14M5 16h9",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  person: "M12 12a4 4 0 100-8 4 4 0 000 8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
  people: "M9 11a3.500 3.500 0 100-7 3.500 3.500 0 000 7zM2.500 19c.8-3.500 3.400-4.800 6.500-4.800s5.700 1.300 6.500 4.800M16 4.500a3.500 3.500 0 010 6.300M17.500 14.500c2.200.5 3.500 2 4 4.500",
  down: "M12 5v13M6 12.500l6 6 6-6",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14zM16.200 16.200L21 21",
  link: "M8 16L16.500 7.500M9.500 7.500h7v7",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  app: "M4 5h16v14H4zM4 9h16",
  star: "M12 4l2.400 5.200 5.600.6-4.200 3.800 1.200 5.600-5-2.900-5 2.900 1.200-5.600L4 9.800l5.600-.6z",
  clock: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3.500 2",
  done: "M5 12.500l4.500 4.500L19 7",
  reply: "M10 7L5 12l5 5M5 12h8c4 0 6 2 6 6",
};

/** A small picture that only accompanies words. */
export function icon(kind, kindClass = "icon") {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", kindClass);
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[kind]);
  picture.append(path);
  return picture;
}

/** Initials on a colour that belongs to the id. */
export function avatar(id, title) {
  const letters = [...(title || "?").trim().replace(/[^\p{L}\p{N} ]/gu, "")].length
    ? title.trim().replace(/[^\p{L}\p{N} ]/gu, " ").trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("")
    : "?";
  return el("span", { class: `avatar tint-${Math.abs(id) % 7}`, "aria-hidden": "true" }, letters.toUpperCase());
}

/** Put these children into a parent, moving and replacing only what differs: no flicker, no lost focus. */
export function arrange(parent, wanted) {
  let place = parent.firstChild;
  for (const child of wanted) {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
