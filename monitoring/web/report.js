"use strict";
// The report of a run: fills the page from the JSON in it. Every section stands alone: what a run does not have is said
// in a sentence there. The files named in report.html come before this one.

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

function bestText(best, scores) {
  if (!best) return "There was no validation.";
  const scored = scores?.version === best.version ? ", which is scored above" : "";
  return `The lowest validation loss, ${readable(best.loss)}, is that of version ${whole(best.version)}${scored}.`;
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
    ...best.map((one) => ({x: one.version, text: "best"})),
  ].sort((a, b) => a.x - b.x);
  const values = [...loss, ...data.validation.map((one) => one.loss)].filter((value) => isKnown(value) && value > 0);
  const isWide = values.length > 0 && Math.max(...values) > 20 * Math.min(...values);
  const host = element("div");
  section.append(remark(`Mean square error of the normalised target. ${bestText(best[0], data.scores)}`), host);
  new LineChart(host, {
    title: "Loss by version",
    height: 300,
    description: "Training loss of single updates, validation loss at the end of epochs.",
    x: {label: "version", whole: true},
    y: {logOffered: true, log: isWide},
    series: [
      {name: "training", colour: 1, thin: version.length > 300},
      {name: "validation", colour: 2},
      {name: "best", colour: 2, shape: "points"},
    ],
  }).show(
    [
      {x: version, y: loss},
      {x: data.validation.map((one) => one.version), y: data.validation.map((one) => one.loss)},
      {x: best.map((one) => one.version), y: best.map((one) => one.loss)},
    ],
    marks,
  );
}

function fillReport(data) {
  const lives = nodeLives(data.events, data.history);
  const section = (id) => document.getElementById(id);
  document.title = `${data.run.name}: report`;
  section("run-name").textContent = data.run.name;
  section("headline").textContent = headlineText(data, lives);
  fillSummary(section("summary"), data, lives);
  fillScores(section("scores"), data.scores);
  fillMaps(section("maps"), data.maps);
  fillLoss(section("loss"), data);
  fillNodes(section("nodes"), data, lives);
  fillRecord(section("record"), data);
  fillConfiguration(section("configuration"), data);
  const written = data.written.replace("T", " ").replace(/\.\d+Z$|Z$/, " UTC");
  section("footer").textContent = `Run directory ${data.run.directory}. Written ${written} by Fulmar ${data.program}.`;
}

fillReport(JSON.parse(document.getElementById("report-data").textContent));
