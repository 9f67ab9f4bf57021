"use strict";
// Where the time of a round goes: a bar of its parts, their names, and what to do when one of them is too large.

const kParts = [
  {key: "compute", colour: 1, meaning: "nodes compute gradients"},
  {key: "wait", colour: 5, meaning: "until the slowest node has finished"},
  {key: "exchange", colour: 4, meaning: "weights and gradients on their way"},
  {key: "apply", colour: 3, meaning: "the update of the weights"},
];
const kTooMuch = 0.25;  // of a round, for anything but computing

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

function boundText(policy, nodes) {
  const enough = Math.max(1, nodes - 2);
  const bound = Number(policy.split(":")[1]);
  return bound < enough
    ? `the bound S = ${bound} is small for ${nodes} nodes. Try fulmar policy ENDPOINT bounded:${enough}`
    : "units end an epoch or wait for a checkpoint. Longer epochs or fewer checkpoints shorten that";
}

/** One sentence: how it looks and what to do. */
function partsAdvice({parts, policy, nodes}) {
  if (!parts) return "Not measured yet: it takes a few rounds.";
  const {compute = 0, wait = 0, exchange = 0, apply = 0} = parts;
  const largest = Math.max(wait, exchange, apply);
  if (largest < kTooMuch) {
    return compute >= 0.5
      ? "Most of the time goes into computing, as it should: more nodes or slots make the run faster."
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
