"use strict";
// The picture of the nodes: a card each, with state, share, speed and where its time goes; small cells where there are
// many. A card stays the same element as long as its node is there, so that nothing jumps while the figures move. Nodes
// that were lost a short while ago have a grey one until they return.

const kNodesDense = 24;      // more than this many are drawn as cells
const kSilentSeconds = 2;    // not heard of for so long: worth a look
const kLostNamedMax = 3;     // of those who were lost
const kNodeParts = kParts.filter(({key}) => key !== "apply");  // an update is nobody's own
const kNodeStates = {  // the words of `fulmar status`
  active: {sign: "good", word: "active", rank: 3},
  fetching: {sign: "begin", word: "fetching", rank: 2},
  trying: {sign: "begin", word: "trying", rank: 2},
  draining: {sign: "end", word: "draining", rank: 1},
};

/** In a round of several: it hardly waits while the average node does, so the others wait for it. */
function stragglersOf(nodes, policy) {
  const waits = nodes.filter((node) => node.parts).map((node) => node.parts.wait);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length);
  if (policy !== "sync" || waits.length < 2 || mean < 0.15) return new Set();
  return new Set(nodes.filter((node) => node.parts && node.parts.wait < mean / 5).map((node) => node.node));
}

function stateOf(node, stragglers) {
  const state = kNodeStates[node.state] ?? {sign: "note", word: node.state, rank: 2};
  if (node.last_seen_seconds >= kSilentSeconds) return {sign: "warning", word: "silent", rank: 0};
  if (stragglers.has(node.node)) return {sign: "warning", word: "others wait for it", rank: 1.5};
  return state;
}

const kNodeOrders = {
  worst: (a, b) => a.state.rank - b.state.rank,
  name: (a, b) => a.name.localeCompare(b.name, "en", {numeric: true}),
  share: (a, b) => b.share - a.share,
  speed: (a, b) => a.samples_per_second - b.samples_per_second,
  wait: (a, b) => (a.parts?.wait ?? 1) - (b.parts?.wait ?? 1),
};

class NodeCard {
  constructor() {
    this.state = element("span", {class: "node-state"});
    this.name = element("b", {class: "node-name"});
    this.number = element("span", {class: "node-number muted small"});
    this.speed = element("b");
    this.slots = element("span", {class: "node-slots"});
    this.share = element("span", {class: "node-percent"});
    this.fill = element("div");
    this.parts = new PartsBar(kNodeParts);
    this.words = element("p", {class: "node-words small muted"});
    this.seen = element("p", {class: "node-seen small muted"});
    this.element = element("li", {class: "node"},
      element("div", {class: "node-head"}, this.name, this.number, this.state),
      element("p", {class: "node-speed"}, this.speed, element("span", {class: "node-unit"}, " samples/s"), this.slots),
      element("div", {class: "node-share"}, element("span", {class: "muted small"}, "share"),
        element("div", {class: "bar"}, this.fill), this.share),
      element("div", {class: "node-time"}, element("span", {class: "muted small"}, "time"), this.parts.element),
      this.words, this.seen);
  }

  /** `shareMax`: the share that fills its bar. */
  show(node, shareMax) {
    say(this.name, node.name);
    say(this.number, `node ${node.node}${node.local ? ", head" : ""}`);
    showSign(this.state, node.state.sign, node.state.word);
    say(this.speed, rate(node.samples_per_second));
    say(this.slots, ` · ${counted(node.slots, "slot")}`);
    say(this.share, smallPercent(node.share));
    this.fill.style.width = `${shareMax > 0 ? (100 * node.share) / shareMax : 0}%`;
    this.parts.show(node.parts);
    say(this.words, partsText(node.parts));
    const seen = `seen ${ago(node.last_seen_seconds)}`;
    const behind = node.staleness > 0 ? `${counted(node.staleness, "version")} behind` : "up to date";
    say(this.seen, `${seen} · ${behind}`);
    this.element.dataset.node = node.node;
    this.element.dataset.rank = node.state.rank;
    this.element.title = `${node.name}: ${node.state.word}, ${seen}, ${partsText(node.parts)}`;
  }
}

/** What is left of a node that was lost. */
class LostCard {
  constructor() {
    this.name = element("b", {class: "node-name"});
    this.number = element("span", {class: "node-number muted small"});
    this.state = element("span", {class: "node-state"});
    this.when = element("p", {class: "lost-when"});
    this.reason = element("p", {class: "lost-reason small muted"});
    this.element = element("li", {class: "node lost"},
      element("div", {class: "node-head"}, this.name, this.number, this.state), this.when, this.reason);
  }

  show({node, name, reason, seconds}) {
    say(this.name, name);
    say(this.number, `node ${node}`);
    showSign(this.state, "lost", "lost");
    say(this.when, ago(seconds));
    say(this.reason, reason);
    this.element.title = `${name}: lost ${ago(seconds)}, ${reason}`;
  }
}

class NodePicture {
  constructor(list, order) {
    this.list = list;
    this.order = order;
    this.cards = new Map();  // by number of the node; "lost 2" is of one that is gone
    this.newest = null;
    order.addEventListener("change", () => this.newest && this.show(this.newest));
  }

  show(status) {
    this.newest = status;
    const stragglers = stragglersOf(status.nodes, status.policy);
    const nodes = status.nodes.map((node) => ({...node, state: stateOf(node, stragglers)}));
    nodes.sort((a, b) => kNodeOrders[this.order.value](a, b) || a.node - b.node);
    const lost = lostNodes(status);
    this.keep(new Set([...nodes.map(({node}) => node), ...lost.map(({node}) => `lost ${node}`)]));
    const isDense = nodes.length + lost.length > kNodesDense;
    this.setDense(isDense);
    const shareMax = isDense ? Math.max(0, ...nodes.map(({share}) => share)) : 1;
    lost.forEach((node, place) => this.put(`lost ${node.node}`, place, LostCard).show(node));
    nodes.forEach((node, i) => this.put(node.node, lost.length + i, NodeCard).show(node, shareMax));
  }

  keep(there) {
    for (const [key, card] of this.cards) {
      if (there.has(key)) continue;
      card.element.remove();
      this.cards.delete(key);
    }
  }

  /** The card of that key, at its place; made where there is none. */
  put(key, place, Card) {
    if (!this.cards.has(key)) this.cards.set(key, new Card());
    const card = this.cards.get(key);
    const here = this.list.children[place];
    if (here !== card.element) this.list.insertBefore(card.element, here ?? null);
    return card;
  }

  /** Many cells scroll in a frame of their own, which keys then have to reach. */
  setDense(dense) {
    this.list.classList.toggle("dense", dense);
    if (dense) this.list.setAttribute("tabindex", "0");
    else this.list.removeAttribute("tabindex");
  }
}

/** "1 lost 8 s ago: bob", "3 lost, the last 8 s ago: bob, eve, hal" */
function lostText(lost) {
  if (lost.length === 0) return "";
  const names = lost.slice(0, kLostNamedMax).map(({name}) => name).join(", ");
  const more = lost.length > kLostNamedMax ? ` and ${lost.length - kLostNamedMax} more` : "";
  return `${lost.length} lost${lost.length > 1 ? ", the last" : ""} ${ago(lost[0].seconds)}: ${names}${more}`;
}

/** "3 nodes, 4 slots: 2 active, 1 draining" */
function nodesSummary(nodes) {
  const slots = nodes.reduce((sum, node) => sum + node.slots, 0);
  const states = [...new Set(nodes.map((node) => node.state))];
  const count = (state) => nodes.filter((node) => node.state === state).length;
  const said = states.map((state) => `${count(state)} ${state}`);
  return `${counted(nodes.length, "node")}, ${counted(slots, "slot")}${nodes.length ? `: ${said.join(", ")}` : ""}`;
}
