"use strict";
// A picture of the page as a file for a talk or a paper: an SVG that looks the same without the page's style sheet.
// Needs charts.js before it.

const kLooks = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "image-rendering",
  "visibility",
];

/** A copy that has as attributes what the style sheet gave to the original; on a ground, for the text is dark or light. */
function selfContained(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((one, i) => {
    const style = getComputedStyle(originals[i]);
    const given = kLooks.map((look) => [look, style.getPropertyValue(look)]).filter(([, value]) => value !== "");
    fill(one, Object.fromEntries(given), []);
    one.removeAttribute("class");
  });
  const ground = getComputedStyle(svg.closest(".panel")).backgroundColor;
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  fill(copy, {xmlns: kSvg, width: 2 * width, height: 2 * height}, []);
  copy.prepend(drawing("rect", {width, height, fill: ground}));
  return copy;
}

/** A button that saves `svg` as `name`.svg. */
function saveButton(svg, name) {
  const button = element(
    "button",
    {type: "button", class: "save", "aria-label": `Save ${name} as an SVG file`},
    "Save",
  );
  button.addEventListener("click", () => {
    const text = new XMLSerializer().serializeToString(selfContained(svg));
    const file = `${name.replace(/[^\w.+-]+/g, "-")}.svg`;
    element("a", {href: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`, download: file}).click();
  });
  return button;
}
