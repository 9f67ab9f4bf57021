"use strict";
// Who took part in a run and when, from its events: pure functions, no page. Needs words.js before it.
//
//   const lives = nodeLives(events, history);
//   lives.from, lives.to    seconds since 1970: first and last sign of life
//   lives.heads             [{from, to, term}, …]: when there was a head
//   lives.nodes             [{term, node, name, suffix, spans: [{from, to, draining}], marks: [mark, …], isQuiet}, …]
//                           by term and number; suffix tells those of one name apart: " 2", " 2 (term 1)"
//   lives.run               [mark, …] that belong to no node
//   mark: {time, kind, severity, text, seconds, followsHead}   // the last: a return that only followed a head's start
//
// LIVES-1: a node's span begins where it joined or came back and ends where it left or was lost, or with the head.
// LIVES-2: a loss and the recovery from it are one mark, whose seconds are those of the recovery.
// LIVES-3: a head was there from its first to its last sign of life: an event or a figure of its term.
// LIVES-4: each head numbers its nodes anew. A row is a node of one term; nodes of several terms share a row only
//          where exactly one node of each of those terms has the name.

const kBegins = new Set(["node_joined", "node_returned"]);
const kEnds = new Set(["node_left", "node_lost"]);
const kBegun = 0.02; // of a run: who joined until then was there from the start
const kRoutine = new Set(["checkpoint_written", "validated"]); // nothing that happened to anybody

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
    const loss = event.kind === "leaves_moved" && marks.findLast((mark) => mark.kind === "node_lost");
    if (loss && loss.seconds === null) {
      loss.seconds = event.seconds ?? null;
      loss.text += `; ${event.text}`;
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

/** Node 0 is the head's own worker, which is no member. */
function isOfNode(event) {
  return event.node > 0;
}

/** The events of each row, with what tells rows of one name apart. See LIVES-4. */
function rowsOfEvents(events) {
  const lives = new Map();
  for (const event of events.filter(isOfNode)) {
    const key = `${event.term} ${event.node}`;
    if (!lives.has(key)) lives.set(key, {term: event.term, node: event.node, name: null, events: []});
    const life = lives.get(key);
    life.events.push(event);
    life.name = event.name || life.name;
  }
  const byName = new Map();
  for (const life of lives.values()) {
    life.name ??= `node ${life.node}`;
    byName.set(life.name, [...(byName.get(life.name) ?? []), life]);
  }
  const rows = [...byName.values()].flatMap((same) => {
    const terms = new Set(same.map((life) => life.term));
    if (terms.size === same.length) return [{...same[0], suffix: "", events: same.flatMap((life) => life.events)}];
    const ofTerm = (life) => (terms.size > 1 ? ` (term ${life.term})` : "");
    return same.map((life) => ({...life, suffix: ` ${life.node}${ofTerm(life)}`}));
  });
  return rows.sort((a, b) => a.term - b.term || a.node - b.node);
}

function nodeLives(events, history) {
  const shown = events.filter((event) => !kRoutine.has(event.kind));
  const times = [...shown.map(secondsOf), ...history.time.filter(Number.isFinite)];
  const from = times.reduce((a, b) => Math.min(a, b), Infinity);
  const to = times.reduce((a, b) => Math.max(a, b), -Infinity);
  const heads = headSpans(shown, history);

  const nodes = rowsOfEvents(shown).map(({events: own, ...row}) => {
    const spans = spansOf(own, heads);
    const marks = withReturns(marksOf(own), heads);
    const wasThroughout =
      spans.length === heads.length &&
      spans[0].from <= from + kBegun * (to - from) &&
      marks.slice(1).every((mark) => mark.followsHead);
    return {...row, spans, marks, isQuiet: wasThroughout};
  });
  return {from, to, heads, nodes, run: marksOf(shown.filter((event) => !isOfNode(event)))};
}

/** Nodes there at the same time, also those that were gone again before a figure was written. */
function mostAtOnce(lives) {
  const changes = lives.nodes.flatMap(({spans}) => spans.flatMap(({from, to}) => [[from, 1], [to, -1]]));
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let here = 0;
  let most = 0;
  for (const [, change] of changes) {
    here += change;
    most = Math.max(most, here);
  }
  return most;
}

/** Hosts by name; where several have one name, as many as were there at once. */
function hostCount(lives, mostAtOnce) {
  return Math.max(new Set(lives.nodes.map((node) => node.name)).size, mostAtOnce, 1);
}

/** Of each time that a node was lost: seconds from its last word until others had its work, where that is known. */
function recoverySeconds(lives) {
  const losses = lives.nodes.flatMap((node) => node.marks).filter((mark) => mark.kind === "node_lost");
  return losses.map((mark) => mark.seconds).filter(isKnown);
}

/** How often a node was lost, and how often one of that name was there again afterwards, also under a new number. */
function lossesAndReturns(lives) {
  const marks = lives.nodes.flatMap(({name, marks: own}) => own.map((mark) => ({...mark, name})));
  const missing = new Map();
  const counts = {lost: 0, back: 0};
  for (const {kind, name} of marks.sort((a, b) => a.time - b.time)) {
    if (kind === "node_lost") {
      ++counts.lost;
      missing.set(name, (missing.get(name) ?? 0) + 1);
    } else if (kBegins.has(kind) && missing.get(name) > 0) {
      ++counts.back;
      missing.set(name, missing.get(name) - 1);
    }
  }
  return counts;
}
