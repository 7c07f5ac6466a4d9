// What the page knows. Whoever changes it says so with `changed(what)`.

export const state = {
  me: null, // the person who is being played
  people: [], // whom one may play
  chats: new Map(), // number → chat
  bots: [], // those whom the person does not know yet
  open: null, // number of the open chat
  threads: new Map(), // number → { messages, complete, keyboard }
  connected: true,
  acting: new Map(), // number of a chat → { action, until }
  replyTo: null,
  editing: null,
};

const listeners = [];
let planned = null;
const parts = new Set();

/** Redraw these parts ("list", "thread", "composer", "header", "people") before the next picture. */
export function changed(...what) {
  for (const one of what) parts.add(one);
  planned ??= requestAnimationFrame(draw);
}

function draw() {
  planned = null;
  const now = new Set(parts);
  parts.clear();
  for (const listener of listeners) listener(now);
}

/** Draw at once: for what must stand before the next line of the program. */
export function drawNow() {
  if (planned !== null) cancelAnimationFrame(planned);
  draw();
}

export const onChange = (listener) => listeners.push(listener);
export const openChat = () => state.chats.get(state.open) ?? null;
export const thread = (number) => {
  if (!state.threads.has(number)) state.threads.set(number, { messages: [], complete: false, loaded: false, keyboard: null });
  return state.threads.get(number);
};

// Texts that were begun, for each person and chat: they outlive switching and reloading.
const draftKey = (number) => `play-draft:${state.me.id}:${number}`;
export const draft = (number) => localStorage.getItem(draftKey(number)) ?? "";
export function keepDraft(number, text) {
  if (text.trim()) localStorage.setItem(draftKey(number), text);
  else localStorage.removeItem(draftKey(number));
}
