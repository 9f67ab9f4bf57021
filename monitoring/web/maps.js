"use strict";
// Fields as maps: the cells in colour, the land's outline, a colour bar, and the values under the pointer in words.
// Needs charts.js, axes.js, words.js, colour_bar.js, map_geometry.js and
// picture_file.js before it, and the .map rules of report.css.
//
//   const values = decodedField(field, count);        // FIELD of the report's data: numbers, NaN where there is none
//   mapSet(geometry, panels, options)                 // element: maps side by side, read off together
//     panels: [{title, values, scale}, …]             // scale: fieldScale(…) or errorScale(…); panels may share one
//     options: {name, unit}
//
// MAPS-1: what is not there is hatched, never a colour of the scale.

const kMargin = {left: 36, right: 6, top: 4, bottom: 24};
let mapPanels = 0; // made so far: for ids

function decodedField({scale, offset, missing, int16}, count) {
  const bytes = Uint8Array.from(atob(int16), (letter) => letter.charCodeAt(0));
  const stored = new DataView(bytes.buffer);
  return Float64Array.from({length: count}, (_, i) => {
    const code = stored.getInt16(2 * i, true);
    return code === missing ? NaN : offset + scale * code;
  });
}

function graticuleLines(geometry) {
  const {meridians, parallels} = geometry.graticule();
  const lines = [
    ...meridians.map((longitude) => `M${geometry.x(longitude)} 0V${geometry.height}`),
    ...parallels.map((latitude) => `M0 ${geometry.y(latitude)}H${geometry.width}`),
  ];
  const inside = drawing("path", {class: "map-graticule", d: lines.join("")});
  const labels = [
    ...meridians.map((longitude) =>
      drawing(
        "text",
        {x: kMargin.left + geometry.x(longitude), y: kMargin.top + geometry.height + 14, "text-anchor": "middle"},
        longitudeText(longitude),
      ),
    ),
    ...parallels.map((latitude) =>
      drawing(
        "text",
        {x: kMargin.left - 4, y: kMargin.top + geometry.y(latitude) + 4, "text-anchor": "end"},
        latitudeText(latitude),
      ),
    ),
  ];
  return {inside, labels};
}

/** What lies under the cells, and shows where there is no value. */
function hatchPattern(id) {
  return drawing(
    "pattern",
    {id, width: 5, height: 5, patternUnits: "userSpaceOnUse"},
    drawing("rect", {width: 5, height: 5, class: "map-nothing"}),
    drawing("path", {class: "map-hatch", d: "M0 5L5 0"}),
  );
}

/** The cells in the colours of their values. */
function cellPicture(geometry, values, scale) {
  const href = geometry.picture((row, column) => {
    const value = values[row * geometry.longitudes.length + column];
    return Number.isFinite(value) ? scale.colour(value) : null;
  });
  const {width, height} = geometry;
  return drawing("image", {width, height, href, preserveAspectRatio: "none", class: "map-cells"});
}

/** One map. `cursor` frames the cell that is read off. */
function mapPanel(geometry, {title, values, scale}, unit, name) {
  const {width, height} = geometry;
  const hatch = `map-hatch-${++mapPanels}`;
  const {inside, labels} = graticuleLines(geometry);
  const cells = cellPicture(geometry, values, scale);
  const cursor = drawing("rect", {class: "map-cursor", visibility: "hidden"});
  const coast = geometry.outlinePath();
  const place = {x: kMargin.left, y: kMargin.top, width, height};
  const map = drawing(
    "svg",
    {...place, viewBox: `0 0 ${width} ${height}`},
    drawing("rect", {width, height, fill: `url(#${hatch})`}),
    cells,
    inside,
    drawing("path", {class: "map-coast-halo", d: coast}),
    drawing("path", {class: "map-coast", d: coast}),
    cursor,
  );
  const bar = colourBar(scale, unit, width);
  const barTop = kMargin.top + height + kMargin.bottom;
  bar.setAttribute("transform", `translate(${kMargin.left} ${barTop})`);
  const label = `${name}, ${title}: ${spread(values, unit)}. Arrow keys read off single points.`;
  const box = `0 0 ${kMargin.left + width + kMargin.right} ${barTop + kBar.height + kBar.below}`;
  const svg = drawing(
    "svg",
    {role: "img", tabindex: "0", "aria-label": label, viewBox: box},
    drawing("defs", {}, hatchPattern(hatch)),
    map,
    drawing("rect", {class: "map-frame", ...place}),
    ...labels,
    bar,
  );
  const said = [element("b", {}, title), element("span", {}, spread(values, unit)), saveButton(svg, `${name} ${title}`)];
  const figure = element("figure", {class: "map"}, element("figcaption", {}, ...said), svg);
  return {figure, svg, cells, cursor, title, values};
}

/** "−12.3 to 14.1 m/s; 3 % missing (hatched)" */
function spread(values, unit) {
  const there = sortedValues([values]);
  if (there.length === 0) return "no values";
  const absent = 1 - there.length / values.length;
  const range = `${readableShort(there[0])} to ${readableShort(there[there.length - 1])} ${unit}`;
  return absent === 0 ? range : `${range}; ${smallPercent(absent)} missing (hatched)`;
}

/** Three significant digits: what a reader wants of a value on a map. */
function readableShort(value) {
  return readable(Number.isFinite(value) ? Number(value.toPrecision(3)) : value);
}

/** The maps of a variable, and a line that says the values under the pointer. */
function mapSet(geometry, panels, {name, unit}) {
  const made = panels.map((panel) => mapPanel(geometry, panel, unit, name));
  const words = element("output", {class: "map-words"});
  let here = {row: Math.floor(geometry.latitudes.length / 2), place: Math.floor(geometry.longitudes.length / 2)};

  const show = (place) => {
    here = place;
    const {row, column} = geometry.cell(here.row, here.place);
    for (const {cursor} of made) fill(cursor, {...geometry.box(here.row, here.place), visibility: "visible"}, []);
    const values = made.map((panel) => {
      const value = panel.values[row * geometry.longitudes.length + column];
      return `${panel.title.toLowerCase()} ${Number.isFinite(value) ? `${readableShort(value)} ${unit}` : "no value"}`;
    });
    const where = `${latitudeText(geometry.latitudes[row])}, ${longitudeText(geometry.longitudes[column])}`;
    words.textContent = `${where}: ${values.join(" · ")}`;
  };
  const moveBy = (rows, places) =>
    show({
      row: Math.max(0, Math.min(geometry.latitudes.length - 1, here.row + rows)),
      place: Math.max(0, Math.min(geometry.longitudes.length - 1, here.place + places)),
    });
  const kKeys = {ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

  for (const {svg, cells} of made) {
    const point = (event) => {
      const frame = cells.getBoundingClientRect();
      const [x, y] = [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
      if (x >= 0 && x <= 1 && y >= 0 && y <= 1) show(geometry.placeAt(x * geometry.width, y * geometry.height));
    };
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("keydown", (event) => {
      if (!(event.key in kKeys)) return;
      event.preventDefault();
      moveBy(...kKeys[event.key]);
    });
  }
  return element(
    "div",
    {class: "map-set"},
    element("div", {class: "map-row"}, ...made.map((panel) => panel.figure)),
    words,
  );
}
