"use strict";
// What the model predicts, as maps: one sample of the split, and where the errors of all of them lie.
// Needs charts.js, words.js, maps.js and report_summary.js before it.

/** Of a variable: truth and prediction on one colour scale, and the error. */
function samplePanels(field, count) {
  const [truth, prediction] = [decodedField(field.truth, count), decodedField(field.prediction, count)];
  const error = prediction.map((value, i) => value - truth[i]);
  const shared = fieldScale(truth, prediction);
  return [
    {title: "Truth", values: truth, scale: shared},
    {title: "Prediction", values: prediction, scale: shared},
    {title: "Error", values: error, scale: errorScale(error)},
  ];
}

/** Of a variable: the errors of model and baseline on one colour scale, and what the model gains. */
function errorPanels(rms, count) {
  const [model, baseline] = [decodedField(rms.model, count), decodedField(rms.baseline, count)];
  const gain = baseline.map((value, i) => value - model[i]);
  const shared = fieldScale(model, baseline);
  return [
    {title: "Model", values: model, scale: shared},
    {title: rms.baseline_name, values: baseline, scale: shared},
    {title: "Gain", values: gain, scale: errorScale(gain)},
  ];
}

function sampleText(maps) {
  const which = maps.samples > 1 ? `sample ${whole(maps.index + 1)} of ${whole(maps.samples)}` : "the one sample";
  return (
    `${maps.label}: ${which} of the ${maps.split} split, that with the median error. Each variable has its own colour ` +
    "scale, which truth and prediction share. The error, prediction minus truth, has another: green too high, purple " +
    "too low. A pointed colour bar goes on beyond its end."
  );
}

/** Against what the gain is, and why not against the best baseline. */
function gainText(base, scores) {
  const best = bestBaseline(scores);
  const other = best && best.name !== base ? ` It is not the best baseline, ${best.name}, to which the scores compare.` : "";
  return (
    `Gain is the error of ${base} minus the model's: green where the model is better. The model starts from ${base} ` +
    `and learns what it misses, so the gain is what was learned.${other}`
  );
}

function fillMaps(section, {maps, scores}) {
  if (!maps) {
    const why = "the run's data are not on a grid, or were not there when this report was written.";
    section.append(element("p", {}, `There are no maps: ${why}`));
    return;
  }
  const geometry = new MapGeometry(maps.grid, maps.outline ?? []);
  const count = maps.grid.latitudes.length * maps.grid.longitudes.length;
  const hint = "Point at a map to read off its values; with the keyboard, arrow keys do it.";
  section.append(remark(sampleText(maps)), element("p", {class: "pointing"}, hint));
  for (const field of maps.fields) {
    const rmse = element("span", {class: "muted small"}, `RMSE here ${readableShort(field.rmse)} ${field.unit}`);
    const named = {name: field.variable, unit: field.unit};
    section.append(element("h3", {}, `${field.variable} `, rmse), mapSet(geometry, samplePanels(field, count), named));
  }
  if (!maps.error_rms?.length) return;
  const what = `Root mean square error at each point over the ${maps.split} split.`;
  const gain = gainText(maps.error_rms[0].baseline_name, scores);
  section.append(element("h3", {class: "apart"}, "Where the errors are"), remark(`${what} ${gain}`));
  for (const rms of maps.error_rms) {
    const unit = maps.fields.find((field) => field.variable === rms.variable)?.unit ?? "";
    const named = {name: `${rms.variable}, RMS error`, unit};
    section.append(element("h4", {}, rms.variable), mapSet(geometry, errorPanels(rms, count), named));
  }
}
