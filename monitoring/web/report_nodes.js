"use strict";
// Who trained the run, how fast, and what happened to them. Needs charts.js, axes.js, words.js, timeline.js,
// report_summary.js and report_record.js before it.

/** Curves over the time, with a gap where there was no head. */
function withGaps(time, values, heads) {
  const points = time.map((at, i) => [at, values[i]]).filter(([at]) => isKnown(at));
  points.push(...heads.slice(1).map((head) => [head.from - 1e-3, null]));
  points.sort((a, b) => a[0] - b[0]);
  return {x: points.map(([at]) => at), y: points.map(([, value]) => value ?? null)};
}

function nodesText(data, lives) {
  if (lives.nodes.every((node) => node.isQuiet) && lives.nodes.length < 2)
    return "One node did everything, and nothing happened to it.";
  const {joins, departures, lost} = data.failures;
  const counts = [
    [nodesSeen(data, lives).seen, "node"],
    [joins, "join"],
    [departures, "orderly departure"],
  ];
  const said = `${listed(counts.filter(([count]) => count > 0).map(([count, what]) => counted(count, what)))}.`;
  const losses = lossesText(data.failures, lives);
  const parts = lost > 0 ? [said, `${losses[0].toUpperCase()}${losses.slice(1)}.`] : [said];
  const recoveries = recoverySeconds(lives);
  if (recoveries.length > 0) {
    const longest = `${duration(Math.max(...recoveries))}${recoveries.length > 1 ? " at most" : ""}`;
    parts.push(`From a lost node's last word until others had its work it took ${longest}.`);
  }
  return parts.join(" ");
}

function fillNodes(section, data, lives) {
  const zone = Number.isFinite(lives.to) ? zoneAt(lives.to) : "";
  section.append(remark(`${nodesText(data, lives)}${zone && ` Times are those of your clock (${zone}).`}`));
  const {time, samples_per_second: speed, nodes} = data.history;
  if (time.some(isKnown)) {
    const hosts = [element("div"), element("div")];
    section.append(element("div", {class: "chart-row"}, ...hosts));
    const marks = lives.heads.slice(1).map((head) => ({x: head.from, text: `term ${head.term}`}));
    new LineChart(hosts[0], {
      title: "Speed",
      height: 180,
      description: "Samples a second, over time.",
      x: {label: `time (${zone})`, time: true},
      y: {zero: true},
      series: [{name: "samples/s", colour: 1, area: true}],
    }).show([withGaps(time, speed, lives.heads)], marks);
    new LineChart(hosts[1], {
      title: "Nodes at work",
      height: 180,
      description: "Active nodes, over time.",
      x: {label: `time (${zone})`, time: true},
      y: {zero: true, whole: true},
      series: [{name: "nodes", colour: 3, shape: "steps", area: true}],
    }).show([withGaps(time, nodes, lives.heads)], marks);
  }
  if (lives.nodes.length > 0) {
    const host = element("div");
    section.append(element("h3", {}, "Who was there when"), host);
    new NodeTimeline(host, lives);
  }
  if (data.events.length > 0) section.append(eventTable(data.events));
}
