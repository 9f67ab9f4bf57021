"use strict";
// What happened, newest first. Events are added one by one, so that a screen reader reads each of them once.

const kEventsMax = 200;
const kSeveritySigns = {note: "note", warning: "warning", error: "error"};

/** "22:11:53", with the day where it is not today */
function eventTime(time, now) {
  const moment = Date.parse(time) / 1000;
  const clock = clockText(moment, {hour: "2-digit", minute: "2-digit", second: "2-digit"});
  const day = (seconds) => clockText(seconds, {day: "numeric", month: "short"});
  return day(moment) === day(Date.parse(now) / 1000) ? clock : `${day(moment)} ${clock}`;
}

class EventList {
  constructor(list, shown) {
    this.list = list;
    this.last = "";  // which of them was the newest
    shown.addEventListener("change", () => list.classList.toggle("warnings-only", shown.value === "warnings"));
  }

  show(events, now) {
    const keys = events.map((event) => `${event.time} ${event.kind} ${event.text}`);
    const known = keys.lastIndexOf(this.last);
    if (known < 0) this.list.replaceChildren();
    for (const event of events.slice(known + 1)) this.list.prepend(this.line(event, now));
    while (this.list.children.length > kEventsMax) this.list.lastChild.remove();
    this.last = keys[keys.length - 1] ?? "";
    this.list.setAttribute("aria-live", "polite");  // from now on: those of before are not news
  }

  line(event, now) {
    const severity = kSeveritySigns[event.severity] ? event.severity : "note";
    const word = severity === "note" ? [] : [element("b", {class: `severity-word ${severity}`}, `${severity}: `)];
    return element("li", {class: `event event-${severity}`, "data-kind": event.kind},
      sign(kSeveritySigns[severity]),
      element("time", {datetime: event.time, title: `${event.time}, version ${event.version}`}, eventTime(event.time, now)),
      element("span", {class: "event-text"}, ...word, event.text));
  }
}
