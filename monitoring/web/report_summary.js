"use strict";
// The report's first words: what was trained, how well, how long it took, what failed meanwhile, and which weights came
// out. Needs charts.js, axes.js and words.js before it.

/** The value of "section.key" as the configuration has it, without quotation marks; null where there is none. */
function configured(config, path) {
  const [section, key] = path.split(".");
  let here = "";
  for (const line of config.split("\n")) {
    const heading = line.match(/^\[+([^\]]+)\]+/);
    const entry = line.match(/^\s*([\w-]+)\s*=\s*(.*?)\s*$/);
    if (heading) here = heading[1];
    else if (entry && here === section && entry[1] === key) return entry[2].replace(/^"(.*)"$/, "$1");
  }
  return null;
}

function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** Names in a TOML value: ["UWND", "VWND"] */
function quotedNames(value) {
  return [...(value ?? "").matchAll(/"([^"]*)"/g)].map((match) => match[1]);
}

/** "downscaling of UWND and VWND by 4" */
function taskText(config) {
  const kind = configured(config, "task.kind") ?? "training";
  const targets = listed(quotedNames(configured(config, "data.targets")));
  const factor = configured(config, "task.factor");
  const what = kind === "downscale" && factor ? `downscaling by ${factor}` : kind;
  return targets ? `${what} of ${targets}` : what;
}

function bestBaseline(scores) {
  const baselines = Object.entries(scores?.baselines ?? {}).filter(([, one]) => Number.isFinite(one.overall.rmse));
  if (baselines.length === 0) return null;
  const [name, {overall}] = baselines.reduce((a, b) => (b[1].overall.rmse < a[1].overall.rmse ? b : a));
  return {name, rmse: overall.rmse};
}

/** "8.8 % better", "2.0 % worse": by root mean square error. */
function comparedText(rmse, baseline) {
  const gain = 100 * (1 - rmse / baseline);
  const size = Math.abs(gain).toFixed(1);
  return size === "0.0" ? "as good" : `${size}\u00a0% ${gain > 0 ? "better" : "worse"}`;
}

/** From the first head's start to the last sign of life, and for how long of it there was a head. */
function wallTime(lives) {
  const worked = lives.heads.reduce((sum, head) => sum + head.to - head.from, 0);
  return {seconds: lives.to - lives.from, worked};
}

/** "8.8 % better than climatology+ridge" */
function comparedWith(rmse, baseline) {
  const compared = comparedText(rmse, baseline.rmse);
  return `${compared} ${compared === "as good" ? "as" : "than"} ${baseline.name}`;
}

function headlineText({run, scores}, lives) {
  const {seconds} = wallTime(lives);
  const took = Number.isFinite(seconds) ? ` in ${duration(seconds)}` : "";
  const done = `${counted(run.epoch, "epoch")} (${counted(run.samples, "sample")})${took}`;
  if (!scores) return `${done}${run.finished ? "" : " so far"}. The weights have not been scored.`;
  const best = bestBaseline(scores);
  const error = `the model's error on the ${scores.split} split is ${scores.overall.rmse.toFixed(3)} ${scores.unit}`;
  return `After ${done}, ${error}${best ? `, ${comparedWith(scores.overall.rmse, best)}, the best baseline` : ""}.`;
}

/** What a section says before its pictures. */
function remark(text) {
  return element("p", {class: "muted"}, text);
}

/** Names and what they stand for: [[name, text or element], …] */
function factList(facts) {
  const rows = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("dl", {class: "facts"}, ...rows);
}

function tile(label, value, note) {
  return element(
    "div",
    {},
    element("dt", {}, label),
    element("dd", {class: "value"}, value),
    element("dd", {class: "note"}, note ?? ""),
  );
}

function failuresNote(failures, recoveries) {
  const what = [
    [failures.lost, "node", "nodes"],
    [failures.slots, "slot", "slots"],
  ]
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => counted(count, one, many));
  if (what.length === 0) return "no node or slot died";
  const median = [...recoveries].sort((a, b) => a - b)[Math.floor(recoveries.length / 2)];
  if (recoveries.length === 0) return `${listed(what)} died`;
  return `${listed(what)} died; others had their work after ${duration(median)}${recoveries.length > 1 ? " (median)" : ""}`;
}

/** A hash, selectable as a whole, with a button that copies it. */
function copyable(text, label) {
  const code = element("code", {class: "hash"}, text);
  const button = element("button", {type: "button", "aria-label": `Copy ${label}`}, "Copy");
  const selected = () => window.getSelection().selectAllChildren(code);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // a browser that lets no file write to the clipboard
      selected();
      button.textContent = "Selected";
    }
  });
  return element("span", {class: "copyable"}, code, " ", button);
}

function nodesSeen(data, lives) {
  const most = data.history.nodes.reduce((a, b) => Math.max(a, b ?? 0), 0);
  return {seen: Math.max(lives.nodes.length, most, 1), most};
}

function timeNote(terms, worked) {
  const counts = counted(terms.length, "term");
  return terms.length > 1 ? `${duration(worked)} of it with a head; ${counts}` : counts;
}

function summaryTiles({run, scores, best_version: bestVersion, terms, failures, ...data}, lives) {
  const baseline = bestBaseline(scores);
  const {seconds, worked} = wallTime(lives);
  const {seen, most} = nodesSeen(data, lives);
  const missing = run.end_version ? `${counted(run.end_version - run.version, "round")} to go` : "it can go on";
  const ended = run.finished ? "finished" : `not finished, ${missing}`;
  return [
    scores
      ? tile(
          `RMSE, ${scores.split}`,
          `${scores.overall.rmse.toFixed(4)} ${scores.unit}`,
          baseline && comparedWith(scores.overall.rmse, baseline),
        )
      : tile("RMSE", "–", "not scored"),
    tile(
      "Epochs",
      run.epochs ? `${whole(run.epoch)} of ${whole(run.epochs)}` : whole(run.epoch),
      `${counted(run.samples, "sample")}; ${ended}`,
    ),
    tile(
      "Best version",
      whole(bestVersion),
      isKnown(bestVersion) ? `of ${whole(run.version)}, by validation loss` : "no validation yet",
    ),
    tile("Time", Number.isFinite(seconds) ? duration(seconds) : "–", timeNote(terms, worked)),
    tile("Nodes", whole(seen), most > 0 ? `at most ${whole(most)} at once` : ""),
    tile("Failures survived", whole(failures.lost + failures.slots), failuresNote(failures, recoverySeconds(lives))),
  ];
}

function fillSummary(section, data, lives) {
  const {run, policies, notes} = data;
  const worked = [...new Set(policies.map((one) => policyText(one.policy)))];
  section.append(
    element("dl", {class: "tiles"}, ...summaryTiles(data, lives)),
    factList([
      ["Task", taskText(run.config)],
      ["Model", `${configured(run.config, "model.kind") ?? "–"}, ${counted(run.parameters, "parameter")}`],
      ["Policy", listed(worked) || policyText(run.policy)],
      ["Ended", run.reason || "–"],
      ["Weights, SHA-256", run.weights_sha256 ? copyable(run.weights_sha256, "the SHA-256 of the weights") : "–"],
    ]),
  );
  if (notes?.length > 0) {
    const lines = notes.map((note) => element("li", {}, note));
    section.append(element("h3", {}, "What this report could not tell"), element("ul", {class: "notes"}, ...lines));
  }
}
