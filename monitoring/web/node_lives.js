"use strict";
// Who took part in a run and when, from its events: pure functions, no page. Needs words.js before it.
//
//   const lives = nodeLives(events, history);
//   lives.from, lives.to    seconds since 1970: first and last sign of life
//   lives.heads             [{from, to, term}, …]: when there was a head
//   lives.nodes             [{node, name, spans: [{from, to, draining}], marks: [mark, …], isQuiet}, …], by number
//   lives.run               [mark, …] that belong to no node
//   mark: {time, kind, severity, text, seconds, followsHead}   // the last: a return that only followed a head's start
//
// LIVES-1: a node's span begins where it joined or came back and ends where it left or died, or with the head.
// LIVES-2: a death and the recovery from it are one mark, whose seconds are those of the recovery.
// LIVES-3: a head was there from its first to its last sign of life: an event or a figure of its term.

const kBegins = new Set(["node_joined", "node_returned"]);
const kEnds = new Set(["node_left", "node_lost"]);
const kBegun = 0.02; // of a run: who joined until then was there from the start
const kRoutine = new Set(["checkpoint_written", "validated"]); // nothing that happened to anybody
const kSeverities = ["detail", "note", "warning", "error"];

function secondsOf(event) {
  return Date.parse(event.time) / 1000;
}

/** When there was a head: from the first sign of life in its term to the last. */
function headSpans(events, history) {
  const signs = [
    ...events.filter((event) => event.term > 0).map((event) => ({term: event.term, time: secondsOf(event)})),
    ...history.time.map((time, i) => ({term: history.term[i], time})).filter(({time}) => Number.isFinite(time)),
  ];
  const spans = new Map();
  for (const {term, time} of signs) {
    const span = spans.get(term) ?? {from: time, to: time, term};
    spans.set(term, {from: Math.min(span.from, time), to: Math.max(span.to, time), term});
  }
  return [...spans.values()].sort((a, b) => a.term - b.term);
}

function markOf(event) {
  return {
    time: secondsOf(event),
    kind: event.kind,
    severity: event.severity,
    text: event.text,
    seconds: event.seconds ?? null,
  };
}

/** One node's events in order, with the ends of the heads among them, to its spans. */
function spansOf(events, heads) {
  const spans = [];
  let open = null;
  const close = (time) => {
    if (open) spans.push({...open, to: Math.max(open.from, time)});
    open = null;
  };
  const headEnds = heads.map((head) => head.to);
  for (const event of events) {
    const time = secondsOf(event);
    const end = headEnds.find((ended) => open && ended >= open.from && ended < time);
    if (end !== undefined) close(end);
    if (kBegins.has(event.kind)) {
      close(time);
      open = {from: time, draining: false};
    } else if (event.kind === "node_draining" && open) {
      close(time);
      open = {from: time, draining: true};
    } else if (kEnds.has(event.kind)) {
      close(time);
    }
  }
  if (open) close(headEnds.find((ended) => ended >= open.from) ?? open.from);
  return spans;
}

function marksOf(events) {
  const marks = [];
  for (const event of events) {
    const death = event.kind === "leaves_moved" && marks.findLast((mark) => mark.kind === "node_lost");
    if (death && death.seconds === null) {
      death.seconds = event.seconds ?? null;
      death.text += `; ${event.text}`;
    } else {
      marks.push(markOf(event));
    }
  }
  return marks;
}

/** Marks returns that are no event of the node's own: it was there until a head ended, and again after the next began. */
function withReturns(marks, heads) {
  let before = null; // the mark that last said whether it is there
  for (const mark of marks.filter((one) => kBegins.has(one.kind) || kEnds.has(one.kind))) {
    mark.followsHead =
      kBegins.has(mark.kind) &&
      before !== null &&
      kBegins.has(before.kind) &&
      heads.some((head) => head.from > before.time && head.from <= mark.time);
    before = mark;
  }
  return marks;
}

function nodeLives(events, history) {
  const shown = events.filter((event) => !kRoutine.has(event.kind));
  const times = [...shown.map(secondsOf), ...history.time.filter(Number.isFinite)];
  const from = times.reduce((a, b) => Math.min(a, b), Infinity);
  const to = times.reduce((a, b) => Math.max(a, b), -Infinity);
  const heads = headSpans(shown, history);

  const byNode = new Map();
  for (const event of shown.filter((one) => one.node !== undefined)) {
    if (!byNode.has(event.node)) byNode.set(event.node, []);
    byNode.get(event.node).push(event);
  }
  const nodes = [...byNode]
    .sort(([a], [b]) => a - b)
    .map(([node, own]) => {
      const spans = spansOf(own, heads);
      const marks = withReturns(marksOf(own), heads);
      const wasThroughout =
        spans.length === heads.length &&
        spans[0].from <= from + kBegun * (to - from) &&
        marks.slice(1).every((mark) => mark.followsHead);
      return {
        node,
        name: own.findLast((event) => event.name)?.name ?? `node ${node}`,
        spans,
        marks,
        isQuiet: wasThroughout,
      };
    });
  return {from, to, heads, nodes, run: marksOf(shown.filter((event) => event.node === undefined))};
}

/** Of each node that died: seconds from its last word until others had its work; those of which it is known. */
function recoverySeconds(lives) {
  const deaths = lives.nodes.flatMap((node) => node.marks).filter((mark) => mark.kind === "node_lost");
  return deaths.map((mark) => mark.seconds).filter(isKnown);
}

/** The gravest of some marks; of equals the last, which says how it ended. */
function gravest(marks) {
  return marks.reduce((a, b) => (kSeverities.indexOf(b.severity) >= kSeverities.indexOf(a.severity) ? b : a));
}
