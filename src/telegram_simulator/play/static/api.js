// What the page asks of the simulator. `me` is the id of the person who is being played, `to` the number of a chat.

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** For what is asked in the background: a refusal is told; that nobody answers, the stream says itself. */
export function behind(promise, tell) {
  promise.catch((refused) => {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.status) tell(refused.message);
  });
}

async function ask(verb, path, body) {
  let answer;
  try {
    answer = await fetch("/play/api/" + path, {
      method: verb,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, "");
  }
  const content = await answer.json().catch(() => ({ error: answer.statusText }));
  if (!answer.ok) throw new Refused(answer.status, content.error);
  return content;
}

export const people = () => ask("GET", "people");
export const findPerson = (wish) => ask("POST", "people", wish);
export const chats = (me) => ask("GET", `${me}/chats`);
export const messages = (me, to, before = 0) => ask("GET", `${me}/chats/${encodeURIComponent(to)}/messages?before=${before}&limit=50`);
export const look = (me, text) => ask("GET", `${me}/look?text=${encodeURIComponent(text)}`);
export const wallet = (me) => ask("GET", `${me}/stars`);
/** `what`: send, edit, delete, tap, start, block, unblock, join, leave, contact, location, read, pay, stars, web_app, … */
export const act = (me, what, wishes = {}) => ask("POST", `${me}/${what}`, wishes);
export const fileAddress = (me, file) => `/play/api/${me}/files/${file.file}`;

/** Send a file with progress; `kind` is "photo", "video" or "document". */
export function upload(me, to, file, { kind, caption, onprogress }) {
  const query = new URLSearchParams({ to, name: file.name, kind, caption });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/play/api/${me}/send_file?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => onprogress(event.loaded / Math.max(1, event.total));
    request.onerror = () => reject(new Refused(0, ""));
    request.onload = () => {
      if (request.status === 200) resolve(request.response);
      else reject(new Refused(request.status, request.response?.error ?? request.statusText));
    };
    request.send(file);
  });
}

const EVENTS = ["message", "edited", "deleted", "tap_answered", "acting", "chat", "read", "elsewhere"];

/**
 * Hear what happens to a person, and of news for others; returns how to stop.
 * `onstate(connected, again)`; "gone" instead of true when this person no longer exists.
 */
export function listen(me, { onfact, onstate }) {
  const source = new EventSource(`/play/api/${me}/events`);
  let opened = false;
  source.onopen = () => {
    onstate(true, opened);
    opened = true;
  };
  // The browser tries a broken connection again by itself; a refusal ends it.
  source.onerror = () => onstate(source.readyState === EventSource.CLOSED ? "ended" : false, opened);
  for (const kind of EVENTS) source.addEventListener(kind, (event) => onfact(kind, JSON.parse(event.data)));
  return () => source.close();
}
