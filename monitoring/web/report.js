"use strict";
// The report of a run: fills the page from the JSON in it. Every section stands alone: what a run does not have is said
// in a sentence there. The files named in report.html come before this one.

const kSmoothedFrom = 12; // points of the training curve
const kPoliciesTold = 3; // switches that are told one by one
const kMarkPart = 0.1; // of the picture's width: nearer marks share their words

/** What a resumed run computed again counts once: of an older term, only what came before the next one's beginning. */
function keptHistory({term, version, ...columns}) {
  const begins = new Map();
  version.forEach((one, i) => begins.set(term[i], Math.min(begins.get(term[i]) ?? Infinity, one)));
  const later = (own) => Math.min(Infinity, ...[...begins].filter(([other]) => other > own).map(([, begin]) => begin));
  const limits = new Map([...begins.keys()].map((own) => [own, later(own)]));
  const kept = version.map((_, i) => i).filter((i) => version[i] < limits.get(term[i]));
  const pick = (values) => kept.map((i) => values[i] ?? null);
  return {
    version: pick(version),
    ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, pick(values)])),
  };
}

function bestText(best, {scores, run}) {
  if (!best) return "There was no validation.";
  const scored = scores?.version === best.version ? ", which is scored above" : "";
  return `The lowest validation loss, ${readable(best.loss)}, is that of ${versionText(best.version, run)}${scored}.`;
}

/** "The policy was sync, from version 1,180 on bounded, S = 4." */
function policiesText([first, ...later]) {
  if (!first || later.length === 0) return "";
  const said = later.map((one) => `from version ${whole(one.version)} on ${policyText(one.policy)}`);
  const further = said.length - kPoliciesTold;
  const more = further > 0 ? ` ${counted(further, "more switch", "more switches")} followed.` : "";
  return ` The policy was ${[policyText(first.policy), ...said.slice(0, kPoliciesTold)].join("; ")}.${more}`;
}

/** Marks so near each other that only one word has place: the first says it for all of them. */
function togetherSaid(marks, span) {
  const told = [];
  for (const mark of marks) {
    const last = told[told.length - 1];
    const isNear = last && mark.x - last.x < kMarkPart * span;
    if (!isNear) told.push({...mark, after: []});
    else last.after.push(mark);
  }
  return told.flatMap(({x, text, after}) => [
    {x, text: [text, ...after.map((one) => one.text)].join("; ")},
    ...after.map((one) => ({x: one.x, text: ""})),
  ]);
}

/** Each value's mean with its neighbours. At the beginning, where losses fall fast, only as many as there are before. */
function smoothed(values, reach) {
  return values.map((value, i) => {
    if (!isKnown(value)) return null;
    const here = Math.min(reach, i);
    const near = values.slice(i - here, i + here + 1).filter(isKnown);
    return near.reduce((sum, one) => sum + one, 0) / near.length;
  });
}

function fillLoss(section, data) {
  const {version, loss} = keptHistory(data.history);
  if (version.length === 0) {
    section.append(element("p", {}, "The run has written no figures: it ended before its first second was over."));
    return;
  }
  const best = data.validation.filter((one) => one.version === data.best_version);
  const marks = [
    ...data.terms.slice(1).map((one) => ({x: one.version, text: `term ${one.term}`})),
    ...data.policies.slice(1).map((one) => ({x: one.version, text: policyText(one.policy)})),
  ].sort((a, b) => a.x - b.x);
  const reach = version.length < kSmoothedFrom ? 0 : Math.max(2, Math.round(version.length / 50));
  const means = reach > 0 ? `; the thicker line is the mean of ${2 * reach + 1} neighbouring points` : "";
  const trained = reach > 0 ? [{name: "training, smoothed", colour: 1}] : [];
  const values = [...loss, ...data.validation.map((one) => one.loss)].filter((value) => isKnown(value) && value > 0);
  const isWide = values.length > 0 && Math.max(...values) > 20 * Math.min(...values);
  const host = element("div");
  const policies = policiesText(data.policies);
  const what = `Mean square error of the normalised target, of single rounds in training${means}.`;
  section.append(remark(`${what} ${bestText(best[0], data)}${policies}`), host);
  new LineChart(host, {
    title: "Loss by version",
    height: 300,
    description: "Training loss of single updates, validation loss at the end of epochs.",
    x: {label: "version", whole: true},
    y: {logOffered: true, log: isWide},
    series: [
      {name: "training", colour: 1, thin: reach > 0},
      ...trained,
      {name: "validation", colour: 2},
      {name: "best", colour: 2, shape: "points"},
    ],
  }).show(
    [
      {x: version, y: loss},
      ...trained.map(() => ({x: version, y: smoothed(loss, reach)})),
      {x: data.validation.map((one) => one.version), y: data.validation.map((one) => one.loss)},
      {x: best.map((one) => one.version), y: best.map((one) => one.loss)},
    ],
    togetherSaid(marks, version[version.length - 1] - version[0]),
  );
}

function fillReport(data) {
  const lives = nodeLives(data.events, data.history);
  const section = (id) => document.getElementById(id);
  document.title = `${data.run.name}: report`;
  section("run-name").textContent = data.run.name;
  section("headline").textContent = headlineText(data, lives);
  fillSummary(section("summary"), data, lives);
  fillScores(section("scores"), data);
  fillMaps(section("maps"), data);
  fillLoss(section("loss"), data);
  fillNodes(section("nodes"), data, lives);
  fillRecord(section("record"), data);
  fillConfiguration(section("configuration"), data);
  const written = dateText(Date.parse(data.written) / 1000);
  section("footer").textContent = `Run directory ${data.run.directory}. Written ${written} by Fulmar ${data.program}.`;
}

fillReport(JSON.parse(document.getElementById("report-data").textContent));
