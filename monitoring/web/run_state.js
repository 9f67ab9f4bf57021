"use strict";
// How the run is, in words: running, finished, stopped; how far it has come, and how long ago it was at its best.

const kRunStates = {
  running: {sign: "good", word: "running"},
  recomputing: {sign: "begin", word: "recomputing what the journal has beyond the checkpoint"},
  waiting: {sign: "warning", word: "waiting for nodes"},
};
const kBestOldEpochs = 10;     // a best version is worth a word when it is older than this …
const kBestOldFraction = 0.2;  // … and than this part of the run

function isFinished({version, end_version: end}) {
  return end > 0 && version >= end;
}

/** Sign, word, and what the title of the tab begins with. `silent`: the head does not answer. */
function stateShown(status, silent) {
  if (isFinished(status) && (silent || status.state === "ended")) return {sign: "good", word: "finished", title: "finished"};
  if (status.state === "ended") return {sign: "end", word: `stopped at version ${whole(status.version)}`, title: "stopped"};
  if (silent) return {sign: "error", word: "no answer", title: "no answer"};
  const state = kRunStates[status.state] ?? {sign: "note", word: status.state};
  return {...state, title: status.state === "running" ? doneText(status) : status.state};
}

function doneFraction({version, end_version: end}) {
  return end > 0 ? Math.min(1, version / end) : 0;
}

function doneText(status) {
  return `${Math.floor(doneFraction(status) * 100)} %`;
}

function endText(status) {
  const how = isFinished(status)
    ? `The run has finished${status.epochs ? `: ${counted(status.epochs, "epoch")}` : ""}, ${counted(status.samples, "sample")}.`
    : `The run has stopped at version ${whole(status.version)} of ${whole(status.end_version)}.`;
  return `${how} This is its last picture, and the page asks no more: reload it when the run goes on.`;
}

function leftText(status) {
  if (status.state === "ended") return isFinished(status) ? "finished" : "stopped";
  return isKnown(status.time_left_seconds) ? `${duration(status.time_left_seconds)} left` : "time left not known yet";
}

/** How many epochs ago the best version was; null where an epoch has no end. */
function bestAge({best, version, end_version: end, epochs}) {
  return best && epochs && end > 0 ? Math.floor(((version - best.version) * epochs) / end) : null;
}

function bestText(status) {
  if (!status.best) return "none yet";
  const age = bestAge(status);
  const when = age > 0 ? `, ${counted(age, "epoch")} ago` : "";
  return `best ${figure(status.best.loss)} at version ${whole(status.best.version)}${when}`;
}

function isBestOld(status) {
  const age = bestAge(status);
  return age !== null && age > kBestOldEpochs && age > kBestOldFraction * status.epochs;
}
