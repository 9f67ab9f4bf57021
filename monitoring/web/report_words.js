"use strict";
// What several sections of the report say in the same words: times, versions, how a run stands, losses, comparisons.
// Needs charts.js, words.js and node_lives.js before it.

const kSilentSeconds = 60; // a head writes a figure about every second; after so long a silence it may be gone

function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** "4 min 50 s" where a duration in whole minutes would say too little */
function spanText(seconds) {
  const rounded = Math.round(seconds);
  if (!isKnown(seconds) || rounded < 60 || rounded >= 3600) return duration(seconds);
  return `${Math.floor(rounded / 60)} min${rounded % 60 > 0 ? ` ${rounded % 60} s` : ""}`;
}

/** The reader's time zone at a moment: "UTC", "UTC+5:30" */
function zoneAt(seconds) {
  const parts = new Intl.DateTimeFormat("en-GB", {timeZoneName: "shortOffset"}).formatToParts(new Date(seconds * 1000));
  return parts.find((part) => part.type === "timeZoneName").value.replace(/^(GMT|UTC)(\+0$)?/, "UTC");
}

/** "23 Nov 2026, 23:42:00 UTC", in the reader's time zone */
function dateText(seconds) {
  const day = {day: "numeric", month: "short", year: "numeric"};
  const clock = {hour: "2-digit", minute: "2-digit", second: "2-digit"};
  return `${clockText(seconds, {...day, ...clock})} ${zoneAt(seconds)}`;
}

/** A reason as the journal has it, with its version as the page writes versions. */
function reasonText(reason) {
  return reason.replace(/\bversion (\d+)/g, (_, version) => `version ${whole(Number(version))}`);
}

/** The epoch that is complete with a version. */
function epochOf(version, {manifest}) {
  const rounds = Math.ceil(manifest?.train_samples / (manifest?.leaves * manifest?.leaf_size));
  return rounds > 0 ? Math.floor(version / rounds) : null;
}

/** "version 1,144 (epoch 104)" */
function versionText(version, run) {
  const epoch = epochOf(version, run);
  return `version ${whole(version)}${isKnown(epoch) ? ` (epoch ${whole(epoch)})` : ""}`;
}

/** What has become of a run that has not reached its end: "still training", "stopped (SIGINT)", … */
function standText({run, events, written}, lives) {
  if (run.finished) return "finished";
  const last = events.findLast((event) => ["run_started", "run_resumed", "run_ended"].includes(event.kind));
  if (last?.kind === "run_ended") return `stopped${last.reason ? ` (${last.reason})` : ""}`;
  const silent = Date.parse(written) / 1000 - lives.to;
  return silent < kSilentSeconds ? "still training" : `not finished, last heard of ${spanText(silent)} before this report`;
}

/** "17 times a node was lost; 16 came back": of returns only where the events tell of every loss. */
function lossesText(failures, lives) {
  const {lost, back} = lossesAndReturns(lives);
  const isTold = lost === failures.lost;
  if (failures.lost === 1) return `a node was lost once${isTold ? ` and ${back ? "came back" : "did not come back"}` : ""}`;
  const returns = back === lost ? "all came back" : back === 0 ? "none came back" : `${whole(back)} came back`;
  return `${whole(failures.lost)} times a node was lost${isTold ? `; ${returns}` : ""}`;
}

/** "8.8 % better", "2.0 % worse": by root mean square error. */
function comparedText(rmse, baseline) {
  const gain = 100 * (1 - rmse / baseline);
  const size = Math.abs(gain).toFixed(1);
  return size === "0.0" ? "as good" : `${size}\u00a0% ${gain > 0 ? "better" : "worse"}`;
}

/** "8.8 % better than climatology+ridge" */
function comparedWith(rmse, baseline) {
  const compared = comparedText(rmse, baseline.rmse);
  return `${compared} ${compared === "as good" ? "as" : "than"} ${baseline.name}`;
}

/** What a section says before its pictures. */
function remark(text) {
  return element("p", {class: "muted"}, text);
}
