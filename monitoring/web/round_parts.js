"use strict";
// Where the time of a round goes: a bar of its parts, their names, and what to do when one of them is too large; and
// how much of what the nodes could do they do.

const kParts = [
  {key: "compute", colour: 1, meaning: "nodes compute gradients"},
  {key: "wait", colour: 5, meaning: "until the slowest node has finished"},
  {key: "exchange", colour: 4, meaning: "weights and gradients on their way"},
  {key: "apply", colour: 3, meaning: "the update of the weights"},
];
const kTooMuch = 0.25;    // of a round, for anything but computing
const kSlow = 0.7;        // of what the nodes could do: less is worth a word …
const kSlowEnds = 0.8;    // … until it is more than this …
const kSlowSeconds = 30;  // … when it has lasted: nodes that come and go disturb a few rounds
const kGateSeconds = 60;  // over which waiting at the gate is counted

function partSwatch(part) {
  return element("span", {class: `swatch series-${part.colour}`, "aria-hidden": "true"});
}

/** A bar whose segments are as long as the parts; the words beside it say the same. */
class PartsBar {
  constructor(parts = kParts) {
    this.segments = parts.map((part) => ({key: part.key, box: element("span", {class: `series-${part.colour}`})}));
    this.element = element("div", {class: "parts-bar", "aria-hidden": "true"}, ...this.segments.map(({box}) => box));
  }

  show(parts) {
    for (const {key, box} of this.segments) {
      const width = `${Math.max(0, Math.min(1, parts?.[key] ?? 0)) * 100}%`;
      if (box.style.width !== width) box.style.width = width;
    }
  }
}

/** "90 % compute · 5 % wait · 5 % exchange" */
function partsText(parts) {
  if (!parts) return "not measured yet";
  return kParts.filter(({key}) => isKnown(parts[key])).map(({key}) => `${percent(parts[key])} ${key}`).join(" · ");
}

/** Which fraction of what its nodes could do the run does: never more than all, though speeds are told a little late. */
function goodputOf({samples_per_second: speed, capacity_samples_per_second: capacity}) {
  return capacity > 0 && isKnown(speed) ? Math.min(1, speed / capacity) : null;
}

/** "52 % of the 167 that its nodes could do" */
function goodputText(status) {
  const goodput = goodputOf(status);
  if (goodput === null) return "none yet";
  if (goodput === 1) return "all that its nodes could do";
  return `${percent(goodput)} of the ${rate(status.capacity_samples_per_second)} that its nodes could do`;
}

/** Whether the run has been slow for so long that it is no passing thing. Asked with every answer of the head. */
class Slowness {
  constructor() {
    this.since = null;
  }

  lasts(status) {
    const now = Date.parse(status.now) / 1000;
    const goodput = status.state === "running" ? goodputOf(status) : null;
    if (goodput === null || goodput > kSlowEnds) this.since = null;
    else if (goodput < kSlow) this.since ??= now;
    return this.since !== null && now - this.since >= kSlowSeconds;
  }
}

/** Which fraction of their time the nodes wait at the gate of an asynchronous policy, lately. */
class GateWaiting {
  constructor() {
    this.counts = [];  // {time, waited} by all nodes, in seconds, rising
  }

  fraction({now, started, policy, nodes, gate_idle_seconds: waited}) {
    const time = Date.parse(now) / 1000;
    if (this.counts.some((count) => count.waited > waited)) this.counts = [];  // another head
    this.counts = [...this.counts.filter((count) => count.time >= time - kGateSeconds), {time, waited}];
    if (policy === "sync" || nodes.length === 0) return 0;
    const isNew = time - this.counts[0].time < kGateSeconds / 4;  // the page has just been opened
    const before = isNew ? {time: Date.parse(started) / 1000, waited: 0} : this.counts[0];
    return time > before.time ? Math.min(1, (waited - before.waited) / (time - before.time) / nodes.length) : 0;
  }
}

function boundText(policy, nodes) {
  const enough = Math.max(1, nodes - 2);
  const bound = Number(policy.split(":")[1]);
  return bound < enough
    ? `the bound S = ${bound} is small for ${nodes} nodes. Try fulmar policy ENDPOINT bounded:${enough}`
    : "units end an epoch or wait for a checkpoint. Longer epochs or fewer checkpoints shorten that";
}

function computingAdvice(isSlow) {
  return isSlow
    ? "Nodes compute most of the time, but together they do far less than the sum of what each could do. They may share "
      + "processors: then other machines make the run faster, more nodes or slots on the same ones do not."
    : "Most of the time goes into computing, as it should: more nodes or slots make the run faster.";
}

/** In words, how it looks and what to do. `gate`: the fraction of their time that nodes wait there. */
function partsAdvice({parts, policy, nodes}, {gate = 0, isSlow = false} = {}) {
  if (!parts) return "Not measured yet: it takes a few rounds.";
  const {compute = 0, exchange = 0, apply = 0} = parts;
  const wait = Math.max(parts.wait ?? 0, gate);
  const largest = Math.max(wait, exchange, apply);
  if (largest < kTooMuch) {
    return compute >= 0.5 ? computingAdvice(isSlow)
      : "No part stands out. A larger batch (policy.leaves) gives each round more to compute.";
  }
  if (largest === exchange) {
    return "Much goes into moving weights and gradients. A larger batch (policy.leaves, policy.leaf_size) needs fewer "
      + "exchanges for the same work; a faster network makes each of them shorter.";
  }
  if (largest === apply) return "The update takes long. More policy.shards spread it over more threads.";
  if (policy.startsWith("bounded")) return `Nodes wait at the gate: ${boundText(policy, nodes.length)}.`;
  if (policy === "async") {
    return "Nodes wait at the end of each epoch and at checkpoints. Longer epochs or fewer checkpoints shorten that.";
  }
  return "Nodes wait for the slowest. Sort them by least waiting to see which; more policy.leaves share a round more "
    + "finely, and policy bounded lets the quick ones go on.";
}
