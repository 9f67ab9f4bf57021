"use strict";
// The report's first words: what was trained, how well, how long it took, what failed meanwhile, and which weights came
// out. Needs charts.js, axes.js, words.js and report_words.js before it.

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

/** From the first head's start to the last sign of life, and for how long of it there was a head. */
function wallTime(lives) {
  const worked = lives.heads.reduce((sum, head) => sum + head.to - head.from, 0);
  return {seconds: lives.to - lives.from, worked};
}

/** "The best weights", "The weights" */
function scoredName(scores, bestVersion) {
  return scores.version === bestVersion ? "best weights" : "scored weights";
}

function headlineText(data, lives) {
  const {run, scores, best_version: bestVersion} = data;
  const {seconds} = wallTime(lives);
  const took = Number.isFinite(seconds) ? ` in ${spanText(seconds)}` : "";
  const stand = run.finished ? "" : ` as of version ${whole(run.version)}, ${standText(data, lives)}`;
  const done = `${counted(run.epoch, "epoch")} (${counted(run.samples, "sample")})${took}${stand}.`;
  if (!scores) return `${done} The weights have not been scored.`;
  const best = bestBaseline(scores);
  const which = `The ${scoredName(scores, bestVersion)}, ${versionText(scores.version, run)},`;
  const error = `have an error of ${scores.overall.rmse.toFixed(3)} ${scores.unit} on the ${scores.split} split`;
  const compared = best ? `, ${comparedWith(scores.overall.rmse, best)}, the best baseline` : "";
  return `${done} ${which} ${error}${compared}.`;
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

function failuresNote(failures, lives) {
  const {lost, slots} = failures;
  if (lost + slots === 0) return "no node was lost, no slot died";
  const said = lost > 0 ? [lossesText(failures, lives)] : [];
  if (slots > 0) said.push(`${counted(slots, "slot")} died`);
  const recoveries = recoverySeconds(lives).sort((a, b) => a - b);
  if (recoveries.length > 0) {
    const median = duration(recoveries[Math.floor(recoveries.length / 2)]);
    said.push(`others had its work after ${median}${recoveries.length > 1 ? " (median)" : ""}`);
  }
  return said.join("; ");
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
  const most = data.history.nodes.reduce((a, b) => Math.max(a, b ?? 0), mostAtOnce(lives));
  return {seen: hostCount(lives, most), most};
}

function timeNote(terms, worked) {
  const counts = counted(terms.length, "term");
  return terms.length > 1 ? `${spanText(worked)} of it with a head; ${counts}` : counts;
}

function summaryTiles(data, lives) {
  const {run, scores, best_version: bestVersion, terms, failures} = data;
  const baseline = bestBaseline(scores);
  const {seconds, worked} = wallTime(lives);
  const {seen, most} = nodesSeen(data, lives);
  const stand = standText(data, lives);
  const ended = run.finished ? stand : `as of version ${whole(run.version)}, ${stand}`;
  const bestEpoch = isKnown(bestVersion) ? epochOf(bestVersion, run) : null;
  return [
    scores
      ? tile(
          `RMSE, ${scores.split}`,
          `${scores.overall.rmse.toFixed(4)} ${scores.unit}`,
          `version ${whole(scores.version)}${baseline ? `: ${comparedWith(scores.overall.rmse, baseline)}` : ""}`,
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
      isKnown(bestVersion)
        ? `of ${whole(run.version)}, by validation loss${isKnown(bestEpoch) ? `; epoch ${whole(bestEpoch)}` : ""}`
        : "no validation yet",
    ),
    tile("Time", Number.isFinite(seconds) ? spanText(seconds) : "–", timeNote(terms, worked)),
    tile("Nodes", whole(seen), most > 0 ? `at most ${whole(most)} at once` : ""),
    tile("Failures survived", whole(failures.lost + failures.slots), failuresNote(failures, lives)),
  ];
}

/** Words, and the hash of the weights they are about where a checkpoint has them. */
function weightsFact(words, version, {run, checkpoints}) {
  const sha256 =
    checkpoints.find((one) => one.version === version && one.ok)?.weights_sha256 ||
    (version === run.version ? run.weights_sha256 : null);
  const label = `the SHA-256 of the weights of version ${whole(version)}`;
  const what = element("span", {class: "unbroken"}, "SHA-256 ");
  return sha256 ? element("span", {}, `${words}, `, what, copyable(sha256, label)) : words;
}

/** Which weights were scored and which are the newest: [[name, words and hash], …] */
function weightsFacts(data, lives) {
  const {run, scores, validation, best_version: bestVersion} = data;
  const version = scores?.version ?? bestVersion;
  const name = scores && version !== bestVersion ? "Scored weights" : "Best weights";
  const facts = [];
  if (isKnown(version)) {
    const loss = validation.find((one) => one.version === version)?.loss;
    const epoch = epochOf(version, run);
    const said = [
      `version ${whole(version)}`,
      isKnown(epoch) ? `epoch ${whole(epoch)}` : "",
      scores ? `${scores.overall.rmse.toFixed(3)} ${scores.unit} on the ${scores.split} split` : "",
      isKnown(loss) ? `validation loss ${readable(loss)}` : "",
    ];
    facts.push([name, weightsFact(said.filter(Boolean).join(", "), version, data)]);
  }
  if (!run.weights_sha256) return [...facts, ["Latest checkpoint", "–"]];
  const stand = run.finished ? "" : `, ${standText(data, lives)}`;
  const latest = `version ${whole(run.version)}, epoch ${whole(run.epoch)}${stand}`;
  const isSame = version === run.version;
  return [...facts, ["Latest checkpoint", isSame ? `${latest}: the same` : weightsFact(latest, run.version, data)]];
}

function timeFacts(data, lives) {
  if (!Number.isFinite(lives.from)) return [];
  const {run} = data;
  const why = run.finished ? reasonText(run.reason ?? "") : standText(data, lives);
  return [
    ["Started", dateText(lives.from)],
    [run.finished ? "Ended" : "Last sign of life", `${dateText(lives.to)}${why && `: ${why}`}`],
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
      ...timeFacts(data, lives),
      ...weightsFacts(data, lives),
    ]),
  );
  if (notes?.length > 0) {
    const lines = notes.map((note) => element("li", {}, note));
    section.append(element("h3", {}, "What this report could not tell"), element("ul", {class: "notes"}, ...lines));
  }
}
