"use strict";
// What happened, newest first, and what follows from it: who is missing, how quickly leaves moved, where a policy began.
// Events are added one by one, so that a screen reader reads each of them once.

const kEventsMax = 200;
const kLostSeconds = 600;  // who was lost longer ago is no longer missed
const kSeveritySigns = {note: "note", warning: "warning", error: "error"};

/** "22:11:53", with the day where it is not today */
function eventTime(time, now) {
  const moment = Date.parse(time) / 1000;
  const clock = clockText(moment, {hour: "2-digit", minute: "2-digit", second: "2-digit"});
  const day = (seconds) => clockText(seconds, {day: "numeric", month: "short"});
  return day(moment) === day(Date.parse(now) / 1000) ? clock : `${day(moment)} ${clock}`;
}

/** The nodes of this head that were lost of late and have not returned, the last one first. */
function lostNodes({events, term, nodes, now}) {
  const lost = new Map();  // by number
  for (const event of events.filter((one) => one.term === term)) {
    if (event.kind === "node_lost") {
      lost.delete(event.node);  // so that it becomes the last
      lost.set(event.node, event);
    } else if (event.kind === "node_joined" || event.kind === "node_returned") {
      const namesake = [...lost.values()].find(({name}) => name === event.name);  // back under another number
      lost.delete(lost.has(event.node) ? event.node : namesake?.node);
    }
  }
  for (const {node} of nodes) lost.delete(node);
  return [...lost.values()].reverse()
    .map(({node, name = "", reason = "", time}) =>
      ({node, name, reason, seconds: Math.max(0, (Date.parse(now) - Date.parse(time)) / 1000)}))
    .filter(({seconds}) => seconds <= kLostSeconds);
}

/** From the last word of a lost node until its leaves were with others, under this head: median and longest. */
function recoveryTimes({events, term}) {
  const seconds = events.filter((one) => one.kind === "leaves_moved" && one.term === term && isKnown(one.seconds))
    .map((one) => one.seconds).sort((a, b) => a - b);
  const last = seconds.length - 1;
  if (last < 0) return {median: null, longest: null};
  return {median: (seconds[Math.floor(last / 2)] + seconds[Math.ceil(last / 2)]) / 2, longest: seconds[last]};
}

/** Where the run began to work by another policy, as marks of a chart by version. */
function policyMarks(events) {
  const switches = events.filter(({kind}) => kind === "policy_switched");
  return switches.map(({version, text}) => {
    const [, policy] = text.match(/\b(?:by|to) (sync|async|bounded:\d+)/) ?? [];
    return {x: version, text: policy ? policyText(policy) : "another policy"};
  });
}

class EventList {
  constructor(list, shown, none) {
    this.list = list;
    this.shown = shown;
    this.none = none;  // says that there are none
    this.last = "";    // which of them was the newest
    shown.addEventListener("change", () => this.filter());
  }

  filter() {
    const isStrict = this.shown.value === "warnings";
    this.list.classList.toggle("warnings-only", isStrict);
    this.none.hidden = this.list.querySelector(isStrict ? ".event:not(.event-note)" : ".event") !== null;
    say(this.none, isStrict ? "No warnings or errors." : "Nothing yet.");
  }

  show(events, now) {
    const keys = events.map((event) => `${event.time} ${event.kind} ${event.text}`);
    const known = keys.lastIndexOf(this.last);
    if (known < 0) this.list.replaceChildren();
    for (const event of events.slice(known + 1)) this.list.prepend(this.line(event, now));
    while (this.list.children.length > kEventsMax) this.list.lastChild.remove();
    this.last = keys[keys.length - 1] ?? "";
    this.filter();
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
