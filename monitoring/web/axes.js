"use strict";
// Scales and their ticks: where a value lies on an axis, which round values are written beside it, and how.
//
//   const scale = linearScale(low, high, {ticks: 5, zero: false});   // widened to round values
//   scale.at(value)     0 at the low end, 1 at the high end
//   scale.ticks         [value, …], rising
//   scale.label(value)  what is written at a tick
// logScale(low, high, {ticks}) likewise, for values above 0; timeScale(low, high, {ticks}) for seconds since 1970, in
// the reader's time zone; spanScale(low, high, {ticks}) does not widen: it ends where the values do, as an x axis should.

/** 0.2135 for 0.21347, 1,234,568 for 1234567.8: four significant digits, and never fewer than the whole part has. */
function readable(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2).replace("e+", "e").replace("-", "−");
  const digits = size >= 1000 ? {maximumFractionDigits: 0} : {maximumSignificantDigits: 4};
  return value.toLocaleString("en", digits).replace("-", "−");
}

/** 1, 2 or 5 times a power of ten, so that about `count` of them fill `span`. */
function roundStep(span, count) {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
}

/** Multiples of `step` from `low` to `high`, free of the errors that adding steps would gather; + 0 makes 0 of −0. */
function multiples(step, low, high) {
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9) + 0; k * step <= high + step * 1e-9; k++) values.push(k * step);
  return values;
}

function scaleOf(low, high, ticks, label) {
  return {low, high, ticks, label, at: (value) => (value - low) / (high - low)};
}

function linearTicks(low, high, count) {
  const step = roundStep(high - low, count);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const format = {minimumFractionDigits: Math.min(digits, 12), maximumFractionDigits: Math.min(digits, 12)};
  const label = (value) => (digits > 6 || high >= 1e9 ? readable(value)
    : value.toLocaleString("en", format).replace("-", "−"));
  return {step, label};
}

/** Never of width 0, so that a single value has a place. */
function widened(low, high) {
  if (high > low) return [low, high];
  const margin = Math.abs(low) * 0.1 || 1;
  return [low - margin, high + margin];
}

function spanScale(low, high, {ticks = 6, whole = false} = {}) {
  [low, high] = widened(low, high);
  let {step, label} = linearTicks(low, high, ticks);
  if (whole && step < 1) ({step, label} = linearTicks(0, ticks, ticks));
  return scaleOf(low, high, multiples(step, low, high), label);
}

function linearScale(low, high, {ticks = 5, zero = false, whole = false} = {}) {
  [low, high] = widened(zero ? Math.min(0, low) : low, zero ? Math.max(0, high) : high);
  let {step, label} = linearTicks(low, high, ticks);
  if (whole && step < 1) ({step, label} = linearTicks(0, ticks, ticks));
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.ceil(high / step - 1e-9) * step;
  return scaleOf(from, to, multiples(step, from, to), label);
}

function logScale(low, high, {ticks = 5} = {}) {
  if (high <= low) [low, high] = [low / 1.1, high * 1.1];
  const decades = Math.log10(high / low);
  let values = [];
  if (decades < 1) {  // too few powers of ten: round values, as on a linear axis
    values = multiples(roundStep(high - low, ticks), low, high);
  } else {
    const factors = decades > ticks ? [1] : decades > 2.5 ? [1, 3] : [1, 2, 5];
    const every = Math.ceil(decades / ticks);
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      if (power % every === 0) values.push(...factors.map((factor) => factor * 10 ** power));
    }
    values = values.filter((value) => value >= low * 0.999 && value <= high * 1.001);
  }
  const width = Math.log(high / low);
  return {low, high, ticks: values, label: readable, at: (value) => Math.log(value / low) / width};
}

const kMinute = 60;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;
const kTimeSteps = [1, 2, 5, 10, 15, 30, kMinute, 2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute,
  kHour, 2 * kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay, 2 * kDay, 5 * kDay, 10 * kDay, 30 * kDay, 90 * kDay];

function clockText(seconds, options) {
  return new Date(seconds * 1000).toLocaleString("en-GB", {hourCycle: "h23", ...options});
}

/** "23 Nov, 22:11:53" */
function momentText(seconds) {
  return clockText(seconds, {day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit"});
}

/** "UTC+01:00": the reader's time zone now */
function zoneText() {
  const east = -new Date().getTimezoneOffset();
  const digits = (value) => String(Math.floor(value)).padStart(2, "0");
  return `UTC${east < 0 ? "−" : "+"}${digits(Math.abs(east) / 60)}:${digits(Math.abs(east) % 60)}`;
}

function timeScale(low, high, {ticks = 6} = {}) {
  if (high - low < 2) [low, high] = [low - 1, high + 1];
  const east = -new Date(high * 1000).getTimezoneOffset() * kMinute;  // days begin at the reader's midnight
  const isTooCoarse = (step) => multiples(step, low + east, high + east).length < 2;
  let chosen = kTimeSteps.findIndex((candidate) => (high - low) / candidate <= ticks);
  while (chosen > 0 && isTooCoarse(kTimeSteps[chosen])) chosen--;
  const step = kTimeSteps[chosen] ?? roundStep(high - low, ticks);
  const options = step >= kDay ? {day: "numeric", month: "short"}
    : {hour: "2-digit", minute: "2-digit", ...(step < kMinute && {second: "2-digit"})};
  const values = multiples(step, low + east, high + east).map((value) => value - east);
  return scaleOf(low, high, values, (value) => clockText(value, options));
}
