"use strict";
// Colour scales for fields, built in OKLab (Björn Ottosson, 2020) so that equal differences of a value look equal.
//
// A scale runs from one lightness to another in equal steps, and at the same time along a Bézier curve through the
// plane of OKLab's a and b, at constant speed. So two neighbouring steps are equally far apart everywhere, and a scale
// printed in grey still orders its values.
//
// COLOUR-1: every colour lies inside sRGB; nothing is clipped.
// COLOUR-2: steps of equal length in OKLab, of equal lightness, the latter monotone (diverging: away from the middle).
// COLOUR-3: diverging scales are mirrored in lightness, and their middle has no hue.

const kCurveSteps = 512;

// Control points of the curves: [chroma, hue in degrees].
const kSequential = {from: 0.26, to: 0.93, points: [[0.11, 305], [0.22, 275], [0.13, 215], [0.21, 145], [0.175, 104]]};
const kBlue = {from: 0.97, to: 0.36, points: [[0, 0], [0.1, 225], [0.18, 250], [0.15, 270]]};
const kRed = {from: 0.97, to: 0.36, points: [[0, 0], [0.09, 60], [0.22, 42], [0.13, 23]]};
const kPurple = {from: 0.97, to: 0.36, points: [[0, 0], [0.08, 330], [0.19, 315], [0.15, 300]]};
const kGreen = {from: 0.97, to: 0.36, points: [[0, 0], [0.09, 125], [0.19, 140], [0.09, 148]]};

function chromaticity([chroma, degrees]) {
  const hue = (degrees * Math.PI) / 180;
  return [chroma * Math.cos(hue), chroma * Math.sin(hue)];
}

/** De Casteljau's construction: the point at t of the Bézier curve with these control points. */
function bezier(points, t) {
  while (points.length > 1) {
    points = points
      .slice(1)
      .map(([a, b], i) => [points[i][0] + t * (a - points[i][0]), points[i][1] + t * (b - points[i][1])]);
  }
  return points[0];
}

/** OKLab to sRGB, each of red, green and blue from 0 to 255 and not rounded. */
function srgb(lightness, a, b) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((x) => 255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
}

/** The colour at t, 0 to 1, of one arm. */
function colourArm({from, to, points}) {
  const control = points.map(chromaticity);
  const curve = Array.from({length: kCurveSteps + 1}, (_, i) => bezier(control, i / kCurveSteps));
  const travelled = [0];
  for (let i = 1; i <= kCurveSteps; ++i) {
    travelled.push(travelled[i - 1] + Math.hypot(curve[i][0] - curve[i - 1][0], curve[i][1] - curve[i - 1][1]));
  }
  return (t) => {
    const distance = t * travelled[kCurveSteps];
    let i = 1;
    while (i < kCurveSteps && travelled[i] < distance) ++i;
    const part = (distance - travelled[i - 1]) / (travelled[i] - travelled[i - 1]);
    const [a, b] = [0, 1].map((axis) => curve[i - 1][axis] + part * (curve[i][axis] - curve[i - 1][axis]));
    return srgb(from + t * (to - from), a, b);
  };
}

function diverging(below, above) {
  const [low, high] = [colourArm(below), colourArm(above)];
  return (t) => (t < 0.5 ? low(1 - 2 * t) : high(2 * t - 1));
}

/** 256 colours and one more, so that a diverging scale has its middle: bytes [red, green, blue] of each. */
function colourTable(scale) {
  return Array.from({length: 257}, (_, i) => scale(i / 256).map(Math.round));
}

/** From t in 0…1 to [red, green, blue] in 0…255. Signed fields and errors have scales of their own, so that nobody
    reads one as the other. */
const colourScales = {
  sequential: colourArm(kSequential),
  signed: diverging(kBlue, kRed),
  error: diverging(kPurple, kGreen),
};

const colourTables = Object.fromEntries(
  Object.entries(colourScales).map(([name, scale]) => [name, colourTable(scale)]),
);
