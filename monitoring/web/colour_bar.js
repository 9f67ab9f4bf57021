"use strict";
// Which colour stands for which value of a field, and the bar that says so. Needs charts.js, axes.js and colours.js
// before it, and the .map rules of report.css.
//
//   const scale = fieldScale(values, …);   // for fields of one quantity: diverging from 0 where they have both signs
//   const scale = errorScale(values, …);   // for differences: always diverging from 0
//   scale.colour(value)                    // [red, green, blue]
//   colourBar(scale, unit, width)          // an SVG group, kBar.height + kBar.below high
//
// BAR-1: the few values beyond the ends of a bar have the colour of that end, and the bar says so by a point.

const kOutside = 0.005; // part of the values that may lie beyond each end of a scale
const kSymmetricSteps = 20; // a symmetric scale ends at a round value that is little beyond what it shows
const kBar = {height: 10, below: 22, tip: 8};

/** What is there of some fields, rising. */
function sortedValues(fields) {
  return Float64Array.from(fields.flatMap((values) => Array.from(values).filter(Number.isFinite))).sort();
}

/** The lowest and the highest but for the few that may lie outside; 0 and 0 where there are none. */
function usualRange(values) {
  return [kOutside, 1 - kOutside].map((part) => values[Math.round(part * (values.length - 1))] ?? 0);
}

function colourScale(name, low, high, values) {
  const span = high - low;
  return {
    name,
    low,
    high,
    isBelow: values[0] < low - 1e-9 * span,
    isAbove: values[values.length - 1] > high + 1e-9 * span,
    colour: (value) => colourTables[name][Math.round(256 * Math.max(0, Math.min(1, (value - low) / span)))],
  };
}

function symmetricScale(name, values, limit) {
  const step = roundStep(2 * limit || 1, kSymmetricSteps);
  const end = Math.max(step, Math.ceil(limit / step - 1e-9) * step);
  return colourScale(name, -end, end, values);
}

/** One scale for fields of one quantity: diverging from 0 where they have both signs. */
function fieldScale(...fields) {
  const values = sortedValues(fields);
  const [low, high] = usualRange(values);
  if (low < 0 && high > 0 && Math.min(-low, high) > 0.1 * Math.max(-low, high)) {
    return symmetricScale("signed", values, Math.max(-low, high));
  }
  const round = linearScale(low, high, {ticks: 8, zero: low >= 0 && low < 0.25 * high});
  return colourScale("sequential", round.low, round.high, values);
}

function errorScale(...fields) {
  const values = sortedValues(fields);
  return symmetricScale("error", values, Math.max(...usualRange(values).map(Math.abs)));
}

/** The colours from left to right, as a picture of 257 pixels. */
function barPicture(name) {
  const canvas = element("canvas");
  canvas.width = colourTables[name].length;
  canvas.height = 1;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, 1);
  colourTables[name].forEach((colour, i) => image.data.set([...colour, 255], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}

function colourBar(scale, unit, width) {
  const left = kBar.tip;
  const right = width - kBar.tip;
  const tip = (value, x, towards) =>
    drawing("path", {
      class: "map-tip",
      fill: `rgb(${scale.colour(value).join()})`,
      d: `M${x} 0L${x + towards * kBar.tip} ${kBar.height / 2}L${x} ${kBar.height}Z`,
    });
  const ticks = spanScale(scale.low, scale.high, {ticks: 6});
  const labels = ticks.ticks.map((tick, i) => {
    const x = left + ticks.at(tick) * (right - left);
    const isLast = i === ticks.ticks.length - 1;
    return drawing(
      "g",
      {},
      drawing("path", {class: "map-tick", d: `M${x} ${kBar.height}v4`}),
      drawing(
        "text",
        {x: isLast ? x + 4 : x, y: kBar.height + 15, "text-anchor": isLast ? "end" : "middle"},
        `${ticks.label(tick)}${isLast ? ` ${unit}` : ""}`,
      ),
    );
  });
  return drawing(
    "g",
    {},
    drawing("image", {
      href: barPicture(scale.name),
      x: left,
      y: 0,
      width: right - left,
      height: kBar.height,
      preserveAspectRatio: "none",
    }),
    ...(scale.isBelow ? [tip(scale.low, left, -1)] : []),
    ...(scale.isAbove ? [tip(scale.high, right, 1)] : []),
    drawing("rect", {class: "map-frame", x: left, y: 0, width: right - left, height: kBar.height}),
    ...labels,
  );
}
