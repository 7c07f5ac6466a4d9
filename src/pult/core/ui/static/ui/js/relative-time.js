// Moments in the person's zone: "5 minutes ago" that stays true, the exact time on hover, countdowns that count.
const root = document.documentElement;
const language = root.lang || undefined;
const zone = root.dataset.zone || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
const day = new Intl.DateTimeFormat(language, { timeZone: zone, day: "numeric", month: "long" });
const minute = new Intl.DateTimeFormat(language, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clock = new Intl.DateTimeFormat(language, { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const exactly = new Intl.DateTimeFormat(language, { timeZone: zone, dateStyle: "long", timeStyle: "long" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const briefly = (moment) => `${day.format(moment)}, ${minute.format(moment)}`;
const WEEK = 7 * 86400;

function fromNow(moment) {
  const seconds = Math.round((moment - Date.now()) / 1000);
  const size = Math.abs(seconds);
  if (size >= WEEK) return briefly(moment);
  if (size < 10) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second");
  const [unit, length] = units.find(([, each]) => size >= each);
  return relative.format(Math.sign(seconds) * Math.floor(size / length), unit);
}

function until(moment, element) {
  const names = element.dataset.units.split(" ");
  const seconds = Math.max(0, Math.round((moment - Date.now()) / 1000));
  const place = Math.max(0, units.findIndex(([, each]) => seconds >= each));
  const shown = seconds ? units.slice(place, place + 2) : units.slice(-1);
  let rest = seconds;
  const words = [];
  for (const [unit, length] of shown) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count || !words.length) {
      const name = names[units.findIndex(([each]) => each === unit)];
      words.push(`${count.toLocaleString(language)}\u00a0${name}`);
    }
  }
  return words.join(" ");
}

const ways = { relative: fromNow, countdown: until, brief: briefly, clock: (moment) => clock.format(moment) };

function draw(element, first) {
  const moment = new Date(element.dateTime);
  const way = ways[element.dataset.moment];
  if (!way || Number.isNaN(moment.getTime())) return;
  const words = way(moment, element);
  if (element.textContent !== words) element.textContent = words;
  if (first) element.title = exactly.format(moment);
}

const all = (part, kinds) => part.querySelectorAll(kinds);
const drawIn = (part) => all(part, "time[data-moment]").forEach((element) => draw(element, true));

drawIn(document);
document.addEventListener("htmx:load", (event) => drawIn(event.detail.elt));
setInterval(() => all(document, 'time[data-moment="countdown"]').forEach((element) => draw(element, false)), 1000);
setInterval(() => all(document, 'time[data-moment="relative"]').forEach((element) => draw(element, false)), 15000);
