"use strict";
// Small shapes that stand before a word and say the same: each has a form of its own, not only a colour.

const kSignPaths = {
  good: "M8 3a5 5 0 1 1 0 10a5 5 0 1 1 0-10Z",                                          // disc
  begin: "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12ZM8 4a4 4 0 1 0 0 8ZM8 4a4 4 0 0 1 0 8",    // half disc
  end: "M3.5 3.5h9v9h-9Z",                                                              // square
  lost: "M3 4.5L4.5 3L8 6.5L11.5 3L13 4.5L9.5 8L13 11.5L11.5 13L8 9.5L4.5 13L3 11.5L6.5 8Z",  // cross
  note: "M8 5.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5Z",                                  // dot
  warning: "M8 1.5L15 14H1Z",                                                           // triangle
  error: "M8 1L15 8L8 15L1 8Z",                                                         // diamond
};

function sign(kind) {
  const path = drawing("path", {d: kSignPaths[kind], "fill-rule": "evenodd"});
  return drawing("svg", {class: `sign sign-${kind}`, viewBox: "0 0 16 16", "aria-hidden": "true"}, path);
}

/** Puts a sign and a word into `place`, if they are not there already. */
function showSign(place, kind, word) {
  if (place.dataset.kind === kind && place.dataset.word === word) return;
  Object.assign(place.dataset, {kind, word});
  place.replaceChildren(sign(kind), word);
}

/** Sets a text only where it changes, so that readers of live regions and of selections are left in peace. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
