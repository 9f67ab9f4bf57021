"use strict";
// The nodes of a run over its time: a row a node, bars where it took part, marks where something happened to it.
// Needs charts.js, axes.js, words.js and node_lives.js before it, and the .timeline rules of report.css.
//
//   new NodeTimeline(host, lives)      host: an empty element; the picture fills its width, also later
//
// What happened is read off with a pointer, a finger or the arrow keys, in a line of words below the picture.
//
// TIMELINE-1: marks that would lie on each other stand side by side, each shape once; ×3 above one: three of its kind.
// TIMELINE-2: nodes to which nothing happened share a row where there are many; of those to which much did, the rows
//             with most marks are shown at once and the others on demand.

const kRowsAtOnce = 40;
const kQuietTogether = 4; // as many undisturbed nodes as this share a row
const kMarkApart = 11; // pixels; nearer ones stand side by side
const kCountWidth = 14; // pixels of "×3"
const kReach = 14; // pixels from a pointer to a mark

// Shapes round (0, 0), and the class of their colour. A shape belongs to one kind; the legend names those in use.
const kMarkShapes = {
  node_joined: {name: "joined", path: "M-4-5L5 0L-4 5Z", tone: "good"},
  node_returned: {name: "came back", path: "M0-5A5 5 0 1 1-.01-5ZM0-2A2 2 0 1 0 .01-2Z", tone: "good"},
  node_draining: {name: "asked to leave", path: "M-5-4L5-4L0 5Z", tone: "warning"},
  node_left: {name: "left", path: "M-4-4H4V4H-4Z", tone: "quiet"},
  node_lost: {name: "lost", path: "M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0Z", tone: "bad"},
  slot_died: {name: "slot died", path: "M-5-1.5H5V1.5H-5Z", tone: "bad"},
  policy_switched: {name: "policy switched", path: "M0-6L6 0L0 6L-6 0Z", tone: "accent"},
  run_resumed: {name: "head started again", path: "M-1.5-6H1.5V6H-1.5Z", tone: "accent"},
  other: {name: "warning", path: "M0-6L6 5H-6Z", tone: "warning"},
};
const kSilent = new Set(["run_started", "run_ended", "leaves_moved", "note", "decision"]);

/** The line of the head's start says that nodes came back to it. */
function isShown(mark) {
  return !kSilent.has(mark.kind) && !mark.followsHead;
}

function shapeOf(mark) {
  return kMarkShapes[mark.kind] ?? kMarkShapes.other;
}

/** A row's name, in so many letters; what tells it from others of its name stays whole. */
function nameOf({name, suffix = ""}, letters = Infinity) {
  const room = letters - suffix.length;
  return `${name.length > room ? `${name.slice(0, Math.max(1, room - 1))}…` : name}${suffix}`;
}

/** Each shape of some marks, in order of time, and how many have it. */
function shapeCounts(marks) {
  const counts = new Map();
  for (const shape of marks.map(shapeOf)) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  return counts;
}

function clusterWidth(shapes) {
  const counted = [...shapes.values()].filter((count) => count > 1).length;
  return kMarkApart * shapes.size + kCountWidth * counted;
}

function markDrawing(shape, x, y) {
  return drawing("path", {
    class: `timeline-mark ${shape.tone}`,
    d: shape.path,
    "fill-rule": "evenodd",
    transform: `translate(${x} ${y})`,
  });
}

class NodeTimeline {
  constructor(host, lives) {
    this.lives = lives;
    this.allRows = false;
    this.width = 0;
    this.build(host);
    // As wide as the picture, but not as high: what is observed must not change by being observed.
    new ResizeObserver(([entry]) => this.resize(Math.floor(entry.contentRect.width))).observe(this.words);
  }

  // ---- what is built once

  build(host) {
    this.svg = drawing("svg", {role: "img", tabindex: "0", "aria-label": this.described()});
    this.plot = element("div", {class: "timeline-plot"}, this.svg);
    const hint = element("span", {class: "pointing"}, "Point at a bar or a mark to read what happened.");
    this.words = element("output", {class: "map-words"}, hint);
    host.classList.add("timeline");
    host.replaceChildren(this.legend(), this.plot, this.words, ...this.rowsButton());
    this.svg.addEventListener("pointermove", (event) => this.pointAt(event));
    this.svg.addEventListener("pointerdown", (event) => this.pointAt(event));
    this.svg.addEventListener("keydown", (event) => this.moveBy(event));
  }

  described() {
    const {nodes} = this.lives;
    const quiet = nodes.filter((node) => node.isQuiet).length;
    return (
      `Timeline of ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}, ${quiet} of them there all the time. ` +
      "Arrow keys go from event to event; the table of events has them as text."
    );
  }

  legend() {
    const marks = [...this.lives.run, ...this.lives.nodes.flatMap((node) => node.marks)].filter(isShown);
    const used = Object.values(kMarkShapes).filter((shape) => marks.some((mark) => shapeOf(mark) === shape));
    const picture = (...parts) => drawing("svg", {viewBox: "-8 -8 16 16", "aria-hidden": "true"}, ...parts);
    const items = used.map((shape) => element("li", {}, picture(markDrawing(shape, 0, 0)), shape.name));
    this.explained = element("li", {hidden: ""}, element("b", {}, "×2"), "two close together");
    if (this.lives.nodes.some((node) => node.spans.some((span) => span.draining))) {
      items.push(
        element(
          "li",
          {},
          picture(drawing("rect", {class: "timeline-span draining", x: -8, y: -4, width: 16, height: 8})),
          "leaving",
        ),
      );
    }
    return element("ul", {class: "timeline-legend"}, ...items, this.explained);
  }

  rowsButton() {
    const hidden = this.rows().hidden;
    if (hidden === 0) return [];
    const button = element("button", {type: "button", "aria-expanded": "false"}, `Show ${hidden} more nodes`);
    button.addEventListener("click", () => {
      this.allRows = !this.allRows;
      button.setAttribute("aria-expanded", this.allRows);
      button.textContent = this.allRows ? "Show fewer nodes" : `Show ${hidden} more nodes`;
      this.draw();
    });
    return [button];
  }

  // ---- what is shown

  /** Rows from the top: the run itself, the nodes that something happened to, and the others. */
  rows() {
    const {nodes, heads, run} = this.lives;
    const isMany = nodes.filter((node) => node.isQuiet).length >= kQuietTogether;
    const quiet = isMany ? nodes.filter((node) => node.isQuiet) : [];
    const lively = nodes.filter((node) => !quiet.includes(node));
    const most = [...lively].sort((a, b) => b.marks.length - a.marks.length || a.node - b.node).slice(0, kRowsAtOnce);
    const shown = this.allRows ? lively : lively.filter((node) => most.includes(node));
    const spans = heads.map((head) => ({...head, draining: false, text: `term ${head.term}`}));
    const rows = [{name: "head", spans, marks: run, isHead: true}, ...shown];
    if (quiet.length > 0) {
      const names = quiet.map((node) => nameOf(node));
      const said = names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");
      const together = {from: this.lives.from, to: this.lives.to, draining: false, text: said};
      rows.push({name: `${quiet.length} others`, spans: [together], marks: [], isTogether: true});
    }
    return {rows, hidden: lively.length - most.length};
  }

  resize(width) {
    if (width === this.width) return;
    this.width = width;
    this.draw();
  }

  draw() {
    if (this.width === 0) return;
    const {rows} = this.rows();
    const rowHeight = rows.length > kRowsAtOnce + 2 ? 16 : 24;
    const letters = Math.min(this.width < 500 ? 14 : 24, Math.max(...rows.map((row) => nameOf(row).length)));
    const frame = {left: 8 + 7.5 * letters, right: this.width - 12, top: 6, bottom: 6 + rows.length * rowHeight};
    this.scale = timeScale(this.lives.from, this.lives.to, {ticks: (frame.right - frame.left) / 90});
    this.frame = frame;
    this.points = []; // what can be read off: {x, y, text}, in the order of the keys
    this.bars = [];
    this.current = -1;
    const height = frame.bottom + 24;
    this.ring = drawing("circle", {class: "timeline-ring", r: 9, visibility: "hidden"});
    fill(this.svg, {viewBox: `0 0 ${this.width} ${height}`, height}, []);
    this.svg.replaceChildren(
      this.axis(),
      ...rows.map((row, i) => this.row(row, frame.top + (i + 0.5) * rowHeight, rowHeight, letters)),
      this.ring,
    );
    this.points.sort((a, b) => a.time - b.time);
    this.explained.hidden = !this.svg.querySelector(".timeline-count");
  }

  px(time) {
    return Math.round((this.frame.left + this.scale.at(time) * (this.frame.right - this.frame.left)) * 10) / 10;
  }

  axis() {
    const {top, bottom} = this.frame;
    const fits = (tick) => this.px(tick) + 3.5 * this.scale.label(tick).length < this.width;
    const ticks = this.scale.ticks
      .filter(fits)
      .map((tick) =>
        drawing(
          "g",
          {},
          drawing("path", {class: "chart-grid", d: `M${this.px(tick)} ${top}V${bottom}`}),
          drawing("text", {x: this.px(tick), y: bottom + 17, "text-anchor": "middle"}, this.scale.label(tick)),
        ),
      );
    const restarts = this.lives.heads
      .slice(1)
      .map((head) => drawing("path", {class: "timeline-restart", d: `M${this.px(head.from)} ${top}V${bottom}`}));
    return drawing("g", {}, ...ticks, ...restarts);
  }

  row(row, y, rowHeight, letters) {
    const thickness = row.isHead ? 4 : Math.min(12, rowHeight - 6);
    const bars = row.spans.map((span) => this.bar(row, span, y, thickness));
    const gone = row.spans
      .slice(1)
      .map((span, i) =>
        drawing("path", {class: "timeline-gone", d: `M${this.px(row.spans[i].to)} ${y}H${this.px(span.from)}`}),
      );
    return drawing(
      "g",
      {},
      drawing("text", {class: "timeline-name", x: 0, y: y + 4}, nameOf(row, letters)),
      ...gone,
      ...bars,
      ...this.marks(row, y),
    );
  }

  bar(row, span, y, thickness) {
    const [from, to] = [this.px(span.from), this.px(span.to)];
    const took = `${momentText(span.from)} to ${momentText(span.to)}, ${spanText(span.to - span.from)}`;
    const what = span.text ? `${row.name}: ${span.text}` : `${nameOf(row)}${span.draining ? ", about to leave" : ""}`;
    this.bars.push({from, to, y, text: `${what}: ${took}`});
    const state = row.isHead ? " head" : span.draining ? " draining" : row.isTogether ? " together" : "";
    return drawing("rect", {
      class: `timeline-span${state}`,
      x: from,
      y: y - thickness / 2,
      width: Math.max(2, to - from),
      height: thickness,
      rx: Math.min(2, thickness / 2),
    });
  }

  marks(row, y) {
    return this.clusters(row.marks.filter(isShown)).flatMap(({x, marks}) => {
      const shapes = shapeCounts(marks);
      const width = clusterWidth(shapes);
      let at = Math.min(x, this.width - width + kMarkApart / 2 - 1); // the last ones stay in the picture
      this.points.push({x: at + (width - kMarkApart) / 2, y, time: marks[0].time, text: this.told(marks)});
      return [...shapes].flatMap(([shape, count]) => {
        const here = at;
        at += kMarkApart + (count > 1 ? kCountWidth : 0);
        const times = drawing("text", {class: "timeline-count", x: here + 6, y: y - 2}, `×${count}`);
        return [markDrawing(shape, here, y), ...(count > 1 ? [times] : [])];
      });
    });
  }

  /** Marks in groups that need the place of one another. */
  clusters(marks) {
    const clusters = [];
    for (const mark of marks) {
      const x = this.px(mark.time);
      const last = clusters[clusters.length - 1];
      if (last && x - last.x < clusterWidth(shapeCounts(last.marks))) last.marks.push(mark);
      else clusters.push({x, marks: [mark]});
    }
    return clusters;
  }

  told(marks) {
    const told = marks.slice(0, 3).map((mark) => `${momentText(mark.time)} ${mark.text}`);
    return `${told.join(" · ")}${marks.length > 3 ? ` · and ${marks.length - 3} more` : ""}`;
  }

  // ---- reading off

  pointAt(event) {
    const frame = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const distance = (point) => Math.hypot(point.x - x, point.y - y);
    const nearest = this.points.reduce((a, b) => (a && distance(a) <= distance(b) ? a : b), null);
    if (nearest && distance(nearest) <= kReach) {
      this.say(this.points.indexOf(nearest));
      return;
    }
    const bar = this.bars.find((one) => x >= one.from - 1 && x <= one.to + 1 && Math.abs(y - one.y) < 9);
    this.ring.setAttribute("visibility", "hidden");
    if (bar) this.words.textContent = bar.text;
  }

  moveBy(event) {
    const places = {ArrowLeft: this.current - 1, ArrowRight: this.current + 1, Home: 0, End: this.points.length - 1};
    if (!(event.key in places) || this.points.length === 0) return;
    event.preventDefault();
    this.say(Math.max(0, Math.min(this.points.length - 1, places[event.key])));
  }

  say(index) {
    this.current = index;
    const {x, y, text} = this.points[index];
    fill(this.ring, {cx: x, cy: y, visibility: "visible"}, []);
    this.words.textContent = text;
  }
}
