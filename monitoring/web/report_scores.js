"use strict";
// The model beside its baselines: bars and a table by variable, curves by lead where there are leads.
// Needs charts.js, axes.js, words.js and report_summary.js before it.

const kCurvesMax = 5; // methods in a picture by lead: the model and its best rivals

/** Methods from the worst to the best by RMSE, the model among them. */
function scoreMethods(scores) {
  const model = {name: "model", isModel: true, overall: scores.overall, scores: scores.scores};
  const others = Object.entries(scores.baselines ?? {}).map(([name, one]) => ({name, isModel: false, ...one}));
  return [...others, model].sort((a, b) => b.overall.rmse - a.overall.rmse);
}

function scoreOf(method, variable, lead) {
  return method.scores.find((one) => one.variable === variable && (lead === undefined || one.lead === lead)) ?? {};
}

function decimals(value, digits) {
  return isKnown(value) ? value.toFixed(digits).replace("-", "−") : "–";
}

/** Horizontal bars from 0, one a method. */
function scoreBars(title, methods, valueOf, unit) {
  const most = Math.max(...methods.map((method) => valueOf(method) ?? 0));
  const bars = methods.map((method) => {
    const bar = element("div", {class: "score-bar"});
    bar.style.width = `${(100 * (valueOf(method) ?? 0)) / most}%`;
    return element(
      "li",
      {class: method.isModel ? "score is-model" : "score"},
      element("span", {class: "score-name"}, method.name),
      element("span", {class: "score-track"}, bar),
      element("span", {class: "score-value"}, decimals(valueOf(method), 3)),
    );
  });
  return element(
    "div",
    {class: "score-group"},
    element("h3", {}, title, " ", element("span", {class: "muted small"}, `RMSE, ${unit}`)),
    element("ul", {}, ...bars),
  );
}

function scoreTable(scores, methods, variables) {
  const best = bestBaseline(scores);
  const hasAcc = methods.some((method) => isKnown(method.overall.acc));
  const groups = ["all", ...variables];
  const of = (method, group) => (group === "all" ? method.overall : scoreOf(method, group));
  const head = element(
    "thead",
    {},
    element(
      "tr",
      {},
      element("th", {scope: "col", rowspan: 2}, "method"),
      element("th", {scope: "colgroup", colspan: groups.length}, `RMSE, ${scores.unit}`),
      ...(hasAcc ? [element("th", {scope: "colgroup", colspan: groups.length}, "anomaly correlation")] : []),
      ...(best ? [element("th", {scope: "col", rowspan: 2}, `RMSE, beside ${best.name}`)] : []),
    ),
    element(
      "tr",
      {},
      ...(hasAcc ? [...groups, ...groups] : groups).map((group) => element("th", {scope: "col"}, group)),
    ),
  );
  const rows = methods.map((method) =>
    element(
      "tr",
      {class: method.isModel ? "is-model" : ""},
      element("th", {scope: "row"}, method.name),
      ...groups.map((group) => element("td", {}, decimals(of(method, group).rmse, 4))),
      ...(hasAcc ? groups.map((group) => element("td", {}, decimals(of(method, group).acc, 4))) : []),
      ...(best
        ? [element("td", {}, method.name === best.name ? "–" : comparedText(method.overall.rmse, best.rmse))]
        : []),
    ),
  );
  return element(
    "div",
    {class: "scrolls", tabindex: "0", role: "region", "aria-label": "Scores as a table"},
    element(
      "table",
      {class: "scores-table"},
      element("caption", {class: "heard"}, "Scores by method"),
      head,
      element("tbody", {}, ...rows),
    ),
  );
}

/** For each variable, RMSE and ACC over the lead, a curve a method. */
function leadCharts(scores, methods, variables, leads) {
  const rivals = methods
    .filter((method) => !method.isModel)
    .slice(1 - kCurvesMax)
    .reverse();
  const shown = [...methods.filter((method) => method.isModel), ...rivals];
  const series = shown.map((method, i) => ({name: method.name, colour: i + 1, dashed: !method.isModel}));
  const row = element("div", {class: "chart-row"});
  const add = (variable, key, measure) => {
    const at = (method, lead) => scoreOf(method, variable, lead)[key] ?? null;
    const curves = shown.map((method) => ({x: leads, y: leads.map((lead) => at(method, lead))}));
    if (!curves.some(({y}) => y.some(isKnown))) return;
    const host = element("div");
    row.append(host);
    const description = `By lead, for ${listed(shown.map((method) => method.name))}.`;
    new LineChart(host, {title: `${variable}, ${measure}`, description, x: {label: "lead", whole: true}, series}).show(
      curves,
    );
  };
  for (const variable of variables) {
    add(variable, "rmse", `RMSE, ${scores.unit}`);
    add(variable, "acc", "anomaly correlation");
  }
  return row;
}

function scoredText({scores, run, best_version: bestVersion}) {
  const name = scoredName(scores, bestVersion);
  const which = `The ${name}, ${versionText(scores.version, run)}, on the ${scores.split} split.`;
  const acc = isKnown(scores.overall.acc) ? " Anomaly correlation: 1 is perfect." : "";
  return `${which} Root mean square error, weighted by area: shorter bars are better.${acc}`;
}

function fillScores(section, data) {
  const {scores} = data;
  if (!scores) {
    const why =
      "This run has not been scored: it has no checkpoint that could be evaluated, or its data were not there. ";
    section.append(element("p", {}, why, element("code", {}, "fulmar evaluate RUNDIR"), " scores it."));
    return;
  }
  const methods = scoreMethods(scores);
  const variables = [...new Set(scores.scores.map((one) => one.variable))];
  const leads = [...new Set(scores.scores.map((one) => one.lead))].sort((a, b) => a - b);
  const single = leads.length === 1 && variables.length > 1 ? variables : [];
  const bars = [
    scoreBars("All variables", methods, (method) => method.overall.rmse, scores.unit),
    ...single.map((variable) => scoreBars(variable, methods, (method) => scoreOf(method, variable).rmse, scores.unit)),
  ];
  section.append(
    remark(scoredText(data)),
    element("div", {class: "score-groups"}, ...bars),
    scoreTable(scores, methods, single),
  );
  if (leads.length > 1) section.append(element("h3", {}, "By lead"), leadCharts(scores, methods, variables, leads));
}
