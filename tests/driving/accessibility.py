"""Looks a page over for what shuts readers out: pictures and controls without names, headings out of order, text too
pale for its ground, content that no key reaches, sideways scrolling. What WCAG 2.2 (AA) asks of a page like ours, as far
as a script can tell."""
from driving.program import check

FINDINGS = r"""
const found = [];
const report = (rule, element) => found.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
const all = (selector) => [...document.querySelectorAll(selector)];
const visible = (element) => element.checkVisibility({visibilityProperty: true});
const heard = (element) => visible(element) && !element.closest("[aria-hidden=true]");
const root = document.documentElement;

// ---- names and structure

function labelOf(element) {
  const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  const named = ids.map((id) => document.getElementById(id)?.textContent ?? "");
  const labels = [...(element.labels ?? [])].map((label) => label.textContent);
  return [...named, element.getAttribute("aria-label"), element.getAttribute("alt"), ...labels].join("").trim();
}

if (!root.lang) report("no language", root);
if (!document.title) report("no title", root);
if (all("main").length !== 1) report("not one main landmark", document.body);
if (all("h1").length !== 1) report("not one first heading", document.body);
let level = 0;
for (const heading of all("h1, h2, h3, h4, h5, h6").filter(heard)) {
  if (Number(heading.localName[1]) > level + 1) report("heading skips a level", heading);
  if (!heading.textContent.trim()) report("empty heading", heading);
  level = Number(heading.localName[1]);
}
for (const picture of all("svg, canvas").filter(heard)) {
  if (picture.getAttribute("role") !== "img" || !labelOf(picture)) report("picture without a name", picture);
}
for (const picture of all("img").filter(heard)) {
  if (!picture.hasAttribute("alt")) report("picture without a name", picture);
}
for (const control of all("button, a[href], summary").filter(heard)) {
  if (!labelOf(control) && !control.textContent.trim()) report("control without a name", control);
}
for (const control of all("select, input, textarea, [role=slider], [role=progressbar], [role=region]").filter(heard)) {
  if (!labelOf(control)) report("control without a name", control);
}
for (const control of all("button, select").filter(heard)) {
  const box = control.getBoundingClientRect();
  if (box.width < 24 || box.height < 24) report("control too small to hit", control);
}
for (const cell of all("th")) if (!cell.scope) report("heading of a table without scope", cell);
for (const table of all("table").filter(heard)) {
  if (!table.caption?.textContent.trim() && !labelOf(table)) report("table without a caption", table);
}
for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
  for (const element of all(`[${attribute}]`)) {
    const missing = element.getAttribute(attribute).split(/\s+/).some((id) => !document.getElementById(id));
    if (missing) report(`${attribute} names nobody`, element);
  }
}
const ids = all("[id]").map((element) => element.id);
for (const id of new Set(ids)) {
  if (ids.indexOf(id) !== ids.lastIndexOf(id)) report("an id twice", document.getElementById(id));
}

// ---- what keys reach

for (const element of all("[tabindex]")) if (element.tabIndex > 0) report("order of its own for the Tab key", element);
for (const element of all("[aria-hidden=true]")) {
  if (element.matches("a, button, [tabindex]")) report("hidden from readers, but not from keys", element);
}
for (const element of all("body *").filter(heard)) {
  const {overflowX, overflowY} = getComputedStyle(element);
  const isLarger = element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
  if (/auto|scroll/.test(overflowX + overflowY) && isLarger && element.tabIndex < 0) {
    report("scrolls, but no key reaches it", element);
  }
}
if (root.scrollWidth > window.innerWidth) {
  const wide = all("body *").find((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5);
  report(`scrolls sideways: ${root.scrollWidth} pixels in ${window.innerWidth}`, wide ?? document.body);
}

// ---- contrast: colours as the browser computed them, laid over each other where they let something through

function colour(text) {
  const [r, g, b, alpha = 1] = text.match(/[\d.]+/g).map(Number);
  return {rgb: [r, g, b], alpha};
}
function over(top, ground) {
  return top.rgb.map((value, i) => value * top.alpha + ground[i] * (1 - top.alpha));
}
function groundOf(element) {
  if (!element) return [255, 255, 255];
  const own = colour(getComputedStyle(element).backgroundColor);
  return own.alpha === 1 ? own.rgb : over(own, groundOf(element.parentElement));
}
function luminance(rgb) {
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = rgb.map((value) => linear(value / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let checked = 0;
while (words.nextNode()) {
  const element = words.currentNode.parentElement;
  const isSeen = visible(element) && !element.closest("script, style, noscript, title, desc, option");
  if (!isSeen || !words.currentNode.textContent.trim()) continue;
  const style = getComputedStyle(element);
  const ground = groundOf(element);
  const size = parseFloat(style.fontSize);
  const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  const ratio = contrast(over(colour(element instanceof SVGElement ? style.fill : style.color), ground), ground);
  if (ratio < needed) report(`contrast ${ratio.toFixed(2)} below ${needed}`, element);
  checked++;
}
if (checked === 0) report("no text", document.body);
for (const [selector, property] of [[".chart-line", "stroke"], [".chart-dot", "fill"], [".swatch", "backgroundColor"]]) {
  for (const mark of all(selector).filter(visible)) {
    const ratio = contrast(colour(getComputedStyle(mark)[property]).rgb, groundOf(mark.parentElement));
    if (ratio < 3) report(`contrast ${ratio.toFixed(2)} of a drawing below 3`, mark);
  }
}
return [...new Set(found)];
"""


def findings(browser):
    """What is wrong with the page as it is shown now: "rule: element" """
    return browser.run(FINDINGS)


def check_accessible(browser, where):
    found = findings(browser)
    check(not found, f"{where}:", len(found), "findings\n  " + "\n  ".join(found[:20]))
