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
    `${maps.label}: ${which} of the ${maps.split} split, that with the median error. Truth and prediction share ` +
    "one colour scale. The error, prediction minus truth, has its own: green too high, purple too low. A pointed " +
    "colour bar goes on beyond its end."
  );
}

function fillMaps(section, maps) {
  if (!maps) {
    const why = "the run's data are not on a grid, or were not there when this report was written.";
    section.append(element("p", {}, `There are no maps: ${why}`));
    return;
  }
  const geometry = new MapGeometry(maps.grid, maps.outline ?? []);
  const count = maps.grid.latitudes.length * maps.grid.longitudes.length;
  section.append(remark(sampleText(maps)));
  for (const field of maps.fields) {
    const rmse = element("span", {class: "muted small"}, `RMSE here ${readableShort(field.rmse)} ${field.unit}`);
    const named = {name: field.variable, unit: field.unit};
    section.append(element("h3", {}, `${field.variable} `, rmse), mapSet(geometry, samplePanels(field, count), named));
  }
  if (!maps.error_rms?.length) return;
  const what = `Root mean square error at each point over the ${maps.split} split.`;
  const gain = "Gain is the baseline's minus the model's: green where the model is better.";
  section.append(element("h3", {class: "apart"}, "Where the errors are"), remark(`${what} ${gain}`));
  for (const rms of maps.error_rms) {
    const unit = maps.fields.find((field) => field.variable === rms.variable)?.unit ?? "";
    const named = {name: `${rms.variable}, RMS error`, unit};
    section.append(element("h4", {}, rms.variable), mapSet(geometry, errorPanels(rms, count), named));
  }
}
