"use strict";
// Line charts in SVG, made by hand; needs axes.js before it and the .chart and .series-N rules of base.css.
//
//   const chart = new LineChart(host, {         // host: an empty element; the chart fills its width, also later
//     title: "Loss",                            // its heading and accessible name
//     heading: "h3",                            // element of the heading
//     note: "",                                 // a line below it: what the values are
//     description: "What the curves are.",      // read aloud, with first, last and lowest value of each series
//     height: 240,                              // pixels of the picture
//     x: {label: "version", time: false, whole: true},  // time: x are seconds since 1970; whole: ticks are whole numbers
//     y: {zero: false, whole: false, log: false, logOffered: true, format: readable},
//     series: [{name: "training", colour: 1, shape: "line", dashed: false, thin: false, area: false}, …],
//   });                                         // colour: 1 to 5; shape: "line" | "steps" | "points"
//   chart.show([{x: […], y: […]}, …],           // as `series`; x rising; a y that is null or not finite is a gap,
//                                             // and so is a time in which nothing was measured
//              [{x: 120, text: "term 2"}]);     // marks: upright lines with a word; may be left out
//
// The legend says the values under the crosshair, or else the newest ones. The crosshair follows a pointer, a finger and
// the arrow keys (Home, End, Page up and down; Escape lets go). "Show as a table" has them as text. Wherever a series has
// no point of its own, it is said to have the value of its newest point until then.
// element(name, attributes, …children) makes an HTML element and drawing(…) an SVG element; text is never read as markup.

const kSvg = "http://www.w3.org/2000/svg";
const kTableRowsMax = 60;
const kGapSeconds = 5;      // a shorter pause is never a gap
const kGapTimes = 8;        // so many times longer than the pauses around it: nothing was measured
const kPausesAround = 5;    // on each side
let charts = 0;  // made so far: for ids

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function element(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function drawing(name, attributes, ...children) {
  return fill(document.createElementNS(kSvg, name), attributes, children);
}

/** Index of the last of the rising `values` that is not above `value`; -1 where there is none. */
function lastUpTo(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** About `count` of the values, evenly, with the first and the last. */
function thinned(values, count) {
  if (values.length <= count) return values;
  return Array.from({length: count}, (_, i) => values[Math.round((i * (values.length - 1)) / (count - 1))]);
}

/** Of the rising `times`, the indices before which there is a gap: a pause much longer than its neighbours. */
function gapsIn(times) {
  const pauses = times.map((time, i) => (i === 0 ? 0 : time - times[i - 1]));
  const isGap = (pause, i) => {
    if (pause < kGapSeconds) return false;
    const around = [...pauses.slice(Math.max(1, i - kPausesAround), i), ...pauses.slice(i + 1, i + 1 + kPausesAround)];
    const usual = around.sort((a, b) => a - b)[around.length >> 1];
    return usual !== undefined && pause > kGapTimes * usual;
  };
  return new Set([...pauses.keys()].filter((i) => isGap(pauses[i], i)));
}

class LineChart {
  constructor(host, options) {
    this.options = {heading: "h3", height: 220, description: "", ...options};
    this.x = {label: "", ...options.x};
    this.y = {format: readable, ...options.y};
    this.log = Boolean(this.y.log);
    this.data = options.series.map(() => ({x: [], y: []}));
    this.marks = [];
    this.steps = [];  // every x that a series has: where the crosshair may stand
    this.cursor = null;  // an x of them
    this.width = 0;
    this.build(host, `chart-${++charts}`);
    new ResizeObserver(([entry]) => this.resize(Math.floor(entry.contentRect.width))).observe(this.plot);
  }

  show(data, marks = []) {
    this.data = data;
    this.marks = marks;
    this.steps = [...new Set(data.flatMap((series) => series.x))].sort((a, b) => a - b);
    if (this.cursor !== null) this.cursor = this.steps[Math.max(0, lastUpTo(this.steps, this.cursor))] ?? null;
    this.draw();
    if (this.details.open) this.fillTable();
  }

  // ---- what is built once

  build(host, id) {
    const {title, heading, series, height} = this.options;
    this.desc = drawing("desc", {id: `${id}-desc`});
    this.picture = drawing("g");
    this.crosshair = drawing("g");
    this.svg = drawing("svg", {role: "img", "aria-labelledby": `${id}-title ${id}-desc`, height},
      drawing("title", {id: `${id}-title`}, title), this.desc, this.picture, this.crosshair);
    this.handle = element("div", {class: "chart-cursor", role: "slider", tabindex: "0",
      "aria-label": `${title}: read off values`, "aria-orientation": "horizontal"});
    this.plot = element("div", {class: "chart-plot"}, this.svg, this.handle);
    this.at = element("li", {class: "chart-at"});
    this.values = series.map(() => element("b"));
    this.legend = element("ul", {class: "chart-legend"}, this.at,
      ...series.map((one, i) => element("li", {}, this.swatch(one), `${one.name} `, this.values[i])));
    this.table = element("table", {}, element("caption", {class: "heard"}, title));
    this.details = element("details", {}, element("summary", {}, "Show as a table"),
      element("div", {class: "scrolls", tabindex: "0", role: "region", "aria-label": `${title} as a table`}, this.table));
    const head = element("div", {class: "chart-head"}, element(heading, {}, title));
    if (this.y.logOffered) head.append(this.logButton());
    host.classList.add("chart");
    const {note} = this.options;
    host.replaceChildren(head, ...(note ? [element("p", {class: "muted small"}, note)] : []), this.legend, this.plot,
      this.details);
    this.listen();
  }

  swatch(series) {
    const group = drawing("svg", {viewBox: "0 0 24 12", "aria-hidden": "true", class: `series-${series.colour}`});
    if (series.shape !== "points") group.append(drawing("path", {class: this.lineClass(series), d: "M1 6H23"}));
    if (series.shape === "points") group.append(drawing("circle", {class: "chart-dot", cx: 12, cy: 6, r: 4}));
    return group;
  }

  lineClass(series) {
    return ["chart-line", series.thin && "thin", series.dashed && "dashed"].filter(Boolean).join(" ");
  }

  logButton() {
    const button = element("button", {type: "button", "aria-pressed": this.log}, "Log scale");
    button.addEventListener("click", () => {
      this.log = !this.log;
      button.setAttribute("aria-pressed", this.log);
      this.draw();
    });
    return button;
  }

  // ---- the picture

  resize(width) {
    if (width === this.width) return;
    this.width = width;
    this.draw();
  }

  /** Whether a value has a place in the picture. */
  drawable(value) {
    return value !== null && Number.isFinite(value) && (!this.log || value > 0);
  }

  draw() {
    if (this.width === 0) return;
    const values = this.data.flatMap((series) => series.y).filter((value) => this.drawable(value));
    const {height} = this.options;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.desc.textContent = this.describe();
    if (values.length === 0) {
      this.scales = null;
      this.picture.replaceChildren(
        drawing("text", {class: "chart-empty", x: this.width / 2, y: height / 2, "text-anchor": "middle"}, "No values yet"));
    } else {
      this.setScales(values);
      this.picture.replaceChildren(...this.axes(), ...this.markLines(), ...this.data.flatMap((_, i) => this.curve(i)));
    }
    this.pointAt();
  }

  setScales(values) {
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    const {height} = this.options;
    const y = (this.log ? logScale : linearScale)(low, high, {ticks: height / 48, ...this.y});
    const left = Math.max(24, 10 + 7 * Math.max(...y.ticks.map((tick) => y.label(tick).length)));
    const frame = {left, right: this.width - 10, top: this.marks.length ? 20 : 8, bottom: height - (this.x.label ? 36 : 22)};
    const first = this.steps[0];
    const last = this.steps[this.steps.length - 1];
    const x = (this.x.time ? timeScale : spanScale)(first, last, {ticks: (frame.right - left) / 90, ...this.x});
    this.scales = {x, y, frame};
  }

  px(value) {
    const {x, frame} = this.scales;
    return Math.round((frame.left + x.at(value) * (frame.right - frame.left)) * 10) / 10;
  }

  py(value) {
    const {y, frame} = this.scales;
    return Math.round((frame.bottom - y.at(value) * (frame.bottom - frame.top)) * 10) / 10;
  }

  axes() {
    const {x, y, frame} = this.scales;
    const across = y.ticks.flatMap((tick) => [
      drawing("path", {class: "chart-grid", d: `M${frame.left} ${this.py(tick)}H${frame.right}`}),
      drawing("text", {x: frame.left - 6, y: this.py(tick) + 4, "text-anchor": "end"}, y.label(tick))]);
    const half = (tick) => 3.5 * x.label(tick).length;
    const inside = (tick) => Math.max(half(tick), Math.min(this.width - half(tick), this.px(tick)));  // no label is cut off
    const below = x.ticks.map((tick) =>
      drawing("text", {x: inside(tick), y: frame.bottom + 16, "text-anchor": "middle"}, x.label(tick)));
    const name = drawing("text", {x: frame.right, y: frame.bottom + 32, "text-anchor": "end"}, this.x.label);
    return [...across, ...below, name];
  }

  markLines() {
    const {x, frame} = this.scales;
    let free = 0;  // where the last word ends
    return this.marks.filter((mark) => mark.x >= x.low && mark.x <= x.high).flatMap((mark) => {
      const at = this.px(mark.x);
      const line = drawing("path", {class: "chart-mark", d: `M${at} ${frame.top - 4}V${frame.bottom}`});
      const width = 7 * mark.text.length;
      const begin = Math.max(0, Math.min(at - width / 2, this.width - width));
      if (begin < free) return [line];  // its word would lie on another's
      free = begin + width + 8;
      return [line, drawing("text", {x: begin, y: 11}, mark.text)];
    });
  }

  /** The points of a series that can be drawn, as [x, y] in pixels, in runs without a gap. */
  runs(index) {
    const {x, y} = this.data[index];
    const runs = [[]];
    const gaps = this.x.time ? gapsIn(x) : new Set();
    for (let i = 0; i < x.length; i++) {
      if (gaps.has(i) || !this.drawable(y[i])) runs.push([]);
      if (this.drawable(y[i])) runs[runs.length - 1].push([this.px(x[i]), this.py(y[i])]);
    }
    return runs.filter((run) => run.length > 0);
  }

  curve(index) {
    const series = this.options.series[index];
    const group = drawing("g", {class: `series-${series.colour}`});
    const {bottom} = this.scales.frame;
    for (const run of this.runs(index)) {
      if (series.shape === "points") {
        group.append(...run.map(([x, y]) => drawing("circle", {class: "chart-dot", cx: x, cy: y, r: run.length > 80 ? 2 : 3.5})));
        continue;
      }
      const between = series.shape === "steps" ? ([x, y]) => `H${x}V${y}` : ([x, y]) => `L${x} ${y}`;
      const path = `M${run[0].join(" ")}${run.length === 1 ? "h0" : run.slice(1).map(between).join("")}`;
      if (series.area) {
        group.append(drawing("path", {class: "chart-area", d: `${path}V${bottom}H${run[0][0]}Z`}));
      }
      group.append(drawing("path", {class: this.lineClass(series), d: path}));
    }
    return [group];
  }

  // ---- reading off

  listen() {
    this.handle.addEventListener("pointermove", (event) => this.moveTo(event));
    this.handle.addEventListener("pointerdown", (event) => this.moveTo(event));
    this.handle.addEventListener("pointerleave", () => this.letGo());
    this.handle.addEventListener("blur", () => this.letGo());
    this.handle.addEventListener("keydown", (event) => this.moveBy(event));
    this.details.addEventListener("toggle", () => this.details.open && this.fillTable());
  }

  moveTo(event) {
    if (!this.scales) return;
    const {x, frame} = this.scales;
    const pixel = event.clientX - this.handle.getBoundingClientRect().left;
    const value = x.low + ((pixel - frame.left) / (frame.right - frame.left)) * (x.high - x.low);
    const before = Math.max(0, lastUpTo(this.steps, value));
    const after = Math.min(this.steps.length - 1, before + 1);
    this.cursor = this.steps[value - this.steps[before] < this.steps[after] - value ? before : after];
    this.pointAt();
  }

  moveBy(event) {
    const end = this.steps.length - 1;
    const here = this.cursor === null ? end : lastUpTo(this.steps, this.cursor);
    const far = Math.max(1, Math.round(end / 10));
    const places = {ArrowLeft: here - 1, ArrowDown: here - 1, ArrowRight: here + 1, ArrowUp: here + 1,
      PageDown: here - far, PageUp: here + far, Home: 0, End: end};
    if (event.key === "Escape") {
      this.letGo();
    } else if (event.key in places && end >= 0) {
      event.preventDefault();
      this.cursor = this.steps[Math.min(end, Math.max(0, places[event.key]))];
      this.pointAt();
    }
  }

  letGo() {
    this.cursor = null;
    this.pointAt();
  }

  xText(value) {
    return this.x.time ? momentText(value) : `${this.x.label} ${readable(value)}`;
  }

  /** The index of what a series says at `x`: its newest point until then. */
  indexAt(series, x) {
    return x === null ? series.x.length - 1 : lastUpTo(series.x, x);
  }

  pointAt() {
    const end = this.steps.length - 1;
    const at = this.cursor ?? this.steps[end];
    const indices = this.data.map((series) => this.indexAt(series, this.cursor));
    const texts = this.data.map((series, i) => (indices[i] < 0 ? "–" : this.y.format(series.y[indices[i]])));
    this.at.textContent = end < 0 ? "" : this.xText(at);
    this.values.forEach((value, i) => { value.textContent = texts[i]; });
    const spoken = this.options.series.map((series, i) => `${series.name} ${texts[i]}`).join(", ");
    fill(this.handle, {"aria-valuemin": 0, "aria-valuemax": Math.max(0, end),
      "aria-valuenow": Math.max(0, lastUpTo(this.steps, at)),
      "aria-valuetext": end < 0 ? "no values yet" : `${this.xText(at)}: ${spoken}`}, []);
    this.crosshair.replaceChildren(...(this.scales && this.cursor !== null ? this.crosshairAt(indices) : []));
  }

  crosshairAt(indices) {
    const {frame} = this.scales;
    const line = drawing("path", {class: "chart-crosshair", d: `M${this.px(this.cursor)} ${frame.top}V${frame.bottom}`});
    const dots = this.data.flatMap((series, i) => {
      const y = series.y[indices[i]];
      if (indices[i] < 0 || !this.drawable(y)) return [];
      const dot = drawing("circle", {class: "chart-dot", cx: this.px(series.x[indices[i]]), cy: this.py(y), r: 5});
      return [drawing("g", {class: `series-${this.options.series[i].colour}`}, dot)];
    });
    return [line, ...dots];
  }

  // ---- in words

  describe() {
    const parts = this.data.map((series, i) => {
      const there = series.x.map((x, k) => [x, series.y[k]]).filter(([, y]) => y !== null && Number.isFinite(y));
      const {name} = this.options.series[i];
      if (there.length === 0) return `${name}: no values yet.`;
      const say = ([x, y]) => `${this.y.format(y)} at ${this.xText(x)}`;
      const lowest = there.reduce((a, b) => (b[1] < a[1] ? b : a));
      return `${name}: ${say(there[0])}, ${say(there[there.length - 1])}; lowest ${say(lowest)}.`;
    });
    return [this.options.description, ...parts].filter(Boolean).join(" ");
  }

  fillTable() {
    const {series} = this.options;
    const head = element("tr", {}, element("th", {scope: "col"}, this.x.label || "time"),
      ...series.map((one) => element("th", {scope: "col"}, one.name)));
    const rows = thinned(this.steps, kTableRowsMax).map((x) => element("tr", {},
      element("th", {scope: "row"}, this.x.time ? momentText(x) : readable(x)),
      ...this.data.map((one) => element("td", {}, this.cell(one, x)))));
    this.table.replaceChildren(this.table.caption, element("thead", {}, head), element("tbody", {}, ...rows));
  }

  cell(series, x) {
    const i = lastUpTo(series.x, x);
    return i < 0 ? "–" : this.y.format(series.y[i]);
  }
}
