"use strict";
// The live status page: asks the head for /status.json every second and /history.json every five, and shows the answers.
// It changes nothing in the run. While there is no answer it says so and keeps the last picture; when the run has ended
// it says that, and asks no more.

const kStatusSeconds = 1;
const kHistorySeconds = 5;
const kAnswerSeconds = 5;    // an answer that takes longer does not count
const kPauseSecondsMax = 10; // between two questions, however long nobody has answered

const byId = (id) => document.getElementById(id);

function showState(status) {
  const {sign: shape, word, title} = stateShown(status, silent);
  const name = status.run.name || "Fulmar run";
  showSign(byId("state"), shape, word);
  document.title = `${title} · ${name}`;
}

// ---- the overview

function showTile(id, value, note, level = "") {
  const tile = byId(`tile-${id}`);
  say(tile.querySelector(".value"), value);
  say(tile.querySelector(".note"), note);
  tile.dataset.level = level;
}

function showHead(status) {
  const {run} = status;
  const fraction = doneFraction(status);
  say(byId("run-name"), run.name || "Fulmar run");
  const started = momentText(Date.parse(status.started) / 1000);
  say(byId("run-facts"), [`run ${run.id.slice(0, 8)}`, run.directory, `term ${status.term}`, `head started ${started}`,
    `Fulmar ${status.program}`].join(" · "));
  say(byId("epoch"), status.epochs
    ? `epoch ${whole(Math.min(status.epoch + 1, status.epochs))} of ${whole(status.epochs)}`
    : `epoch ${whole(status.epoch + 1)}`);
  say(byId("version"),
    `version ${whole(status.version)} of ${whole(status.end_version)} · ${counted(status.samples, "sample")}`);
  say(byId("time-left"), `${doneText(status)} · ${leftText(status)}`);
  byId("progress").setAttribute("aria-valuenow", Math.floor(fraction * 100));
  byId("progress").firstElementChild.style.width = `${fraction * 100}%`;
}

function showTiles(status, isSlow) {
  const {staleness, checkpoint, counters} = status;
  showTile("loss", figure(status.loss), `gradient norm ${figure(status.gradient_norm)}`);
  showTile("validation", figure(status.validation_loss), bestText(status), isBestOld(status) ? "warning" : "");
  showTile("speed", rate(status.samples_per_second), goodputText(status), isSlow ? "warning" : "");
  showTile("policy", policyText(status.policy), stalenessText(status),
    isKnown(status.staleness_bound) && staleness?.max > status.staleness_bound ? "bad" : "");
  showTile("checkpoint", checkpoint ? ago(checkpoint.age_seconds) : "none yet", checkpointText(checkpoint),
    checkpoint?.failures > 0 ? "warning" : "");
  const room = checkpoint ? status.storage_free_bytes / checkpoint.bytes : Infinity;
  showTile("disk", bytes(status.storage_free_bytes), `journal ${bytes(status.journal_bytes)}`,
    room < 3 ? "bad" : room < 10 ? "warning" : "");
  byId("counters").dataset.level = counters.determinism_alarms > 0 ? "bad" : "";
}

function checkpointText(checkpoint) {
  if (!checkpoint) return "";
  const failed = checkpoint.failures > 0 ? `, ${whole(checkpoint.failures)} failed` : "";
  return `version ${whole(checkpoint.version)}, ${bytes(checkpoint.bytes)}${failed}`;
}

function stalenessText({policy, staleness, staleness_bound: bound}) {
  if (policy === "sync" || !staleness) return policy === "sync" ? "no gradient is stale" : "no update yet";
  const limit = isKnown(bound) ? ` of ${bound}` : ", no bound";
  return `staleness at most ${whole(staleness.max)}${limit}, mean ${staleness.mean.toFixed(1)}`;
}

// ---- the other panels

function showRoundParts(status, isSlow) {
  const gate = gateWaiting.fraction(status);
  roundParts.show(status.parts);
  say(byId("parts-advice"), partsAdvice(status, {gate, isSlow}));
  kParts.forEach(({key, meaning}) => {
    say(byId(`part-${key}`), percent(status.parts?.[key]));
    const isGate = key === "wait" && status.policy !== "sync";
    say(byId(`meaning-${key}`), isGate ? `within units; besides, ${percent(gate)} idle at the gate` : meaning);
  });
}

function showLost(status) {
  const lost = lostNodes(status);
  if (lost.length === 0) say(byId("nodes-lost"), "");
  else showSign(byId("nodes-lost"), "warning", lostText(lost));
}

function showCounters(status) {
  const {counters} = status;
  const recovery = recoveryTimes(status);
  const lines = [
    ["nodes joined", whole(counters.joins)],
    ["nodes left", whole(counters.departures)],
    ["nodes lost", whole(counters.failures)],
    ["slots died", whole(counters.slot_failures)],
    ["leaves moved to others", whole(counters.leaves_moved)],
    ["leaves of a lost node moved within, median", duration(recovery.median)],
    ["leaves of a lost node moved within, longest", duration(recovery.longest)],
    ["leaves computed twice, to be quick", whole(counters.speculated)],
    ["rounds voided", whole(counters.voided_rounds)],
    ["determinism alarms", whole(counters.determinism_alarms)],
    ["messages dropped", whole(counters.dropped_messages)],
    ["updates a second", rate(status.updates_per_second)],
    ["units under way", whole(status.units_in_flight)],
    ["idle at the gate", duration(status.gate_idle_seconds)],
  ];
  const places = byId("counters").querySelectorAll("dd");
  if (places.length === lines.length) lines.forEach(([, value], i) => say(places[i], value));
  else byId("counters").replaceChildren(...lines.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function showStatus(status) {
  newest = status;
  const isSlow = slowness.lasts(status);
  showState(status);
  showHead(status);
  showTiles(status, isSlow);
  nodePicture.show(status);
  say(byId("nodes-summary"), nodesSummary(status.nodes));
  showLost(status);
  showRoundParts(status, isSlow);
  const marks = policyMarks(status.events);
  if (pastRounds && marks.length !== lossChart.marks.length) showLoss(pastRounds, marks);
  eventList.show(status.events, status.now);
  showCounters(status);
}

/** The points whose x is known and above all before: an early head wrote no times, a resumed one goes back a little. */
function rising(x, y) {
  let highest = -Infinity;
  const places = [...x.keys()].filter((i) => {
    const rises = isKnown(x[i]) && x[i] > highest;
    if (rises) highest = x[i];
    return rises;
  });
  return {x: places.map((i) => x[i]), y: places.map((i) => y[i])};
}

function showLoss({version, loss, validation}, marks) {
  lossChart.show([rising(version, loss), rising(validation.map((point) => point.version), validation.map((point) => point.loss))],
    marks);
}

function showHistory(history) {
  const {time} = history;
  pastRounds = history;
  showLoss(history, policyMarks(newest?.events ?? []));
  speedChart.show([rising(time, history.samples_per_second)]);
  countChart.show([rising(time, history.nodes)]);
}

// ---- asking

let newest = null;       // the last answer to /status.json
let pastRounds = null;   // the last answer to /history.json
let answered = Date.now();
let silent = false;      // the last question was not answered
let isOver = false;      // the head has said that the run has ended, or is gone after its last version

function showSilence() {
  const seconds = Math.round((Date.now() - answered) / 1000);
  const isMissed = silent && seconds >= 2 && !isOver;
  byId("silence").hidden = !isMissed;
  document.body.classList.toggle("silent", isMissed);
  byId("end").hidden = !isOver;
  if (isOver) say(byId("end"), endText(newest));
  if (!isMissed) return;
  const time = seconds < 60 ? `${seconds} s` : duration(seconds);
  const what = `No answer for ${time}: the run has ended or the head is gone.`;
  say(byId("silence"), newest ? `${what} This is the last that it said.` : what);
}

function pause(seconds) {
  return new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
}

/** Waits while nobody looks at the page. */
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => { document.addEventListener("visibilitychange", resolve, {once: true}); });
}

async function ask(path) {
  const answer = await fetch(path, {cache: "no-store", signal: AbortSignal.timeout(kAnswerSeconds * 1000)});
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Asks for `path` until the run is over; what it says goes to `take`, that nobody answers to `miss`. */
async function follow(path, seconds, take, miss) {
  let wait = seconds;
  while (!isOver) {
    await visible();
    const answer = await ask(path).catch(() => null);
    wait = answer ? seconds : Math.min(kPauseSecondsMax, wait * 1.5);
    if (answer) take(answer);
    else if (!isOver) miss();
    await pause(wait);
  }
}

function heard(status) {
  silent = false;
  answered = Date.now();
  isOver = status.state === "ended";
  showStatus(status);
  if (isOver) ask("/history.json").then(showHistory, () => {});
  showSilence();
}

function missed() {
  silent = true;
  isOver = newest !== null && isFinished(newest);
  if (newest) showState(newest);
  showSilence();
}

// ---- the page

const lossChart = new LineChart(byId("loss-chart"), {title: "Loss", heading: "h2", height: 260,
  note: "Mean square error of the normalised target, without a unit.",
  description: "Training loss and validation loss by version.", x: {label: "version", whole: true},
  y: {logOffered: true, format: figure},
  series: [{name: "training", colour: 1, shape: "line"}, {name: "validation", colour: 2, shape: "points"}]});
const speedChart = new LineChart(byId("speed-chart"), {title: "Samples a second", heading: "h2", height: 200,
  description: "Samples a second over time.", x: {time: true, label: "local time"}, y: {zero: true, format: rate},
  series: [{name: "samples/s", colour: 1, shape: "line", area: true}]});
const countChart = new LineChart(byId("count-chart"), {title: "Number of nodes", heading: "h2", height: 200,
  description: "Nodes that took part, over time.", x: {time: true, label: "local time"}, y: {zero: true, whole: true, format: whole},
  series: [{name: "nodes", colour: 3, shape: "steps", area: true}]});
const nodePicture = new NodePicture(byId("nodes"), byId("nodes-order"));
const eventList = new EventList(byId("events"), byId("events-shown"), byId("events-none"));
const roundParts = new PartsBar();
const slowness = new Slowness();
const gateWaiting = new GateWaiting();

byId("round-parts").append(roundParts.element);
byId("parts-words").append(...kParts.map((part) => element("div", {}, element("dt", {}, partSwatch(part), part.key),
  element("dd", {id: `part-${part.key}`}, kUnknown), element("dd", {id: `meaning-${part.key}`, class: "muted"}, part.meaning))));
byId("nodes-legend").append("time: ", ...kNodeParts.flatMap((part) => [partSwatch(part), `${part.key} `]),
  element("span", {class: "of-cells"}, "· the largest share fills its bar · numbers are samples/s"));
say(byId("zone"), `Times are your local time, ${zoneText()}.`);

follow("/status.json", kStatusSeconds, heard, missed);
follow("/history.json", kHistorySeconds, showHistory, () => {});
setInterval(showSilence, 1000);
