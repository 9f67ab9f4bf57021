"use strict";
// How figures are said: durations, bytes, fractions, policies. "–" stands for what is not known.

const kUnknown = "–";

function isKnown(value) {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** "41 ms", "3.2 s", "48 s", "12 min", "1 h 3 min", "2 d 4 h" */
function duration(seconds) {
  if (!isKnown(seconds)) return kUnknown;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "just now", "3 s ago": in whole seconds, so that it does not flicker */
function ago(seconds) {
  if (!isKnown(seconds)) return kUnknown;
  if (seconds < 2) return "just now";
  return `${seconds < 59.5 ? `${Math.round(seconds)} s` : duration(seconds)} ago`;
}

/** "123 kB": three digits, powers of 1000 */
function bytes(count) {
  if (!isKnown(count)) return kUnknown;
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3 + 1e-9)));
  return `${Number((count / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/** "93 %" */
function percent(fraction) {
  return isKnown(fraction) ? `${Math.round(fraction * 100)} %` : kUnknown;
}

/** "0.5 %" where a whole number would say too little */
function smallPercent(fraction) {
  return isKnown(fraction) && fraction > 0 && fraction < 0.0995 ? `${(fraction * 100).toFixed(1)} %` : percent(fraction);
}

/** "140", "75.0", "0.31": a rate, with three digits at least */
function rate(perSecond) {
  if (!isKnown(perSecond)) return kUnknown;
  return perSecond >= 99.95 ? Math.round(perSecond).toLocaleString("en") : perSecond.toPrecision(3);
}

/** "0.5050": a loss or a norm, with four digits always, so that its width stays */
function figure(value) {
  const size = Math.abs(value);
  return isKnown(value) && size >= 1e-4 && size < 1000 ? value.toPrecision(4).replace("-", "−") : readable(value);
}

function whole(count) {
  return isKnown(count) ? Math.round(count).toLocaleString("en") : kUnknown;
}

/** "1 node", "3 nodes" */
function counted(count, one, many = `${one}s`) {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** "bounded, S = 4" of "bounded:4" */
function policyText(policy) {
  return policy ? policy.replace(/^bounded:(\d+)$/, "bounded, S = $1") : kUnknown;
}
