"use strict";
// What makes a run traceable: events, ledger, checkpoints, configuration and hashes.
// Needs charts.js, axes.js, words.js and report_summary.js before it.

function scrolling(label, table) {
  return element("div", {class: "scrolls", tabindex: "0", role: "region", "aria-label": label}, table);
}

function plainTable(caption, heads, rows) {
  return element(
    "table",
    {class: "of-words"},
    element("caption", {class: "heard"}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {scope: "col"}, head)))),
    element(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        element("tr", {}, element("th", {scope: "row"}, first), ...rest.map((cell) => element("td", {}, cell))),
      ),
    ),
  );
}

function eventTable(events) {
  const rows = events.map((event) => [
    momentText(Date.parse(event.time) / 1000),
    whole(event.version),
    event.severity,
    event.text,
    isKnown(event.seconds) ? duration(event.seconds) : "",
  ]);
  const zone = zoneAt(secondsOf(events[events.length - 1]));
  return element(
    "details",
    {class: "events"},
    element("summary", {}, `All ${counted(events.length, "event")} as a table`),
    scrolling(
      "Events",
      plainTable("Events, oldest first", [`time (${zone})`, "version", "severity", "what happened", "took"], rows),
    ),
  );
}

function ledgerText({ledger, run}) {
  const voided = ledger.voided_rounds;
  const inOrder =
    ledger.epochs_complete > 0
      ? `Every sample of ${counted(ledger.epochs_complete, "epoch")} is in the weights exactly once`
      : "No epoch is complete yet; no sample is in the weights more than once";
  const except = voided.length > 0 ? `, but for those of ${counted(voided.length, "voided round")}` : "";
  const further = ledger.samples_counted - ledger.epochs_complete * (run.manifest?.train_samples ?? Infinity);
  const begun = voided.length === 0 && further > 0 ? `, and so are ${counted(further, "sample")} of the next one` : "";
  return (
    `${inOrder}${except}${begun}: ${counted(ledger.samples_counted, "sample")} in ${counted(ledger.rounds, "round")}` +
    `${voided.length === 0 ? "; no round was voided" : ""}.`
  );
}

function checkpointTable(checkpoints) {
  const rows = checkpoints.map((one) => [
    whole(one.version),
    one.kind === "full" ? "weights and optimizer" : one.kind,
    bytes(one.bytes),
    one.ok ? "good" : element("b", {class: "bad"}, "damaged"),
    element("code", {class: "hash"}, one.weights_sha256),
  ]);
  return scrolling(
    "Checkpoints",
    plainTable("Checkpoints", ["version", "holds", "size", "checksums", "SHA-256 of the weights"], rows),
  );
}

function fillRecord(section, data) {
  section.append(element("p", {}, ledgerText(data)));
  const voided = data.ledger.voided_rounds;
  if (voided.length > 0) {
    section.append(
      element("h3", {}, "Voided rounds"),
      scrolling(
        "Voided rounds",
        plainTable(
          "Voided rounds",
          ["version", "reason"],
          voided.map((one) => [whole(one.version), one.reason]),
        ),
      ),
    );
  }
  section.append(
    element("h3", {}, "Checkpoints"),
    data.checkpoints.length > 0
      ? checkpointTable(data.checkpoints)
      : element("p", {}, "There is no checkpoint in the run directory."),
  );
}

/** TOML with its headings, keys, texts, numbers and comments told apart. */
function tomlLines(text) {
  const kToken = /("(?:[^"\\]|\\.)*")|(#.*$)|\b(true|false|[+-]?\d[\d_.eE+-]*)\b/gm;
  return text.split("\n").map((line) => {
    if (/^\s*\[/.test(line)) return element("b", {class: "toml-section"}, `${line}\n`);
    const key = line.match(/^(\s*[\w-]+)(\s*=)/);
    const parts = key ? [element("span", {class: "toml-key"}, key[1]), key[2]] : [];
    let at = key ? key[0].length : 0;
    const begin = at;
    for (const found of line.slice(begin).matchAll(kToken)) {
      parts.push(
        line.slice(at, begin + found.index),
        element("span", {class: found[1] ? "toml-text" : found[2] ? "toml-comment" : "toml-number"}, found[0]),
      );
      at = begin + found.index + found[0].length;
    }
    return element("span", {}, ...parts, `${line.slice(at)}\n`);
  });
}

function fillConfiguration(section, {run}) {
  const hashes = [
    ["Run", run.id],
    ["Configuration, SHA-256", run.config_sha256],
    ["Data, fingerprint", run.manifest?.data_fingerprint],
    ["Arithmetic, determinism class", run.manifest?.determinism_class],
  ];
  const code = element("code", {}, ...tomlLines(run.config.trim()));
  section.append(
    remark("As the run was started, with every default written out."),
    element("pre", {class: "config", tabindex: "0", role: "region", "aria-label": "Configuration"}, code),
    factList(hashes.filter(([, value]) => value).map(([name, value]) => [name, copyable(value, name)])),
  );
}
