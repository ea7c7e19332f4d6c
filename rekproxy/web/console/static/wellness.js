// Takes the veil off pictures for a moment: in a circle around the pointer or where one taps, or while a key is held.

import {meant} from "./base.js";

const root = document.documentElement;
const {blur = "none", grey = "no", reveal = "never"} = root.dataset;
const veiled = 'img[src*="/console/picture/"], img[src^="blob:"], img[data-veiled]';
const KEY = "z";

function typing(target) {
  return target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function byKey() {
  document.addEventListener("keydown", (event) => {
    if (meant(event) === KEY && !event.ctrlKey && !event.altKey && !event.metaKey && !typing(event.target)) root.dataset.revealed = "";
  });
  const cover = () => { delete root.dataset.revealed; };
  document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === KEY) cover(); });
  window.addEventListener("blur", cover);
}

function byPointer() {
  const lens = document.createElement("div");
  const copy = new Image();
  lens.className = "lens";
  lens.hidden = true;
  lens.setAttribute("aria-hidden", "true");
  copy.alt = "";
  lens.append(copy);
  document.body.append(lens);
  const hide = () => { lens.hidden = true; };
  const lift = (shown, event) => {
    lens.hidden = !shown;
    if (!shown) return;
    const box = shown.getBoundingClientRect();
    if (copy.src !== shown.currentSrc) copy.src = shown.currentSrc;
    copy.style.objectFit = getComputedStyle(shown).objectFit;
    for (const [name, value] of Object.entries({left: box.left, top: box.top, width: box.width, height: box.height})) {
      lens.style[name] = `${value}px`;
    }
    lens.style.setProperty("--lens-x", `${event.clientX - box.left}px`);
    lens.style.setProperty("--lens-y", `${event.clientY - box.top}px`);
  };
  // a finger that moves scrolls the page, and leaves it with every tap
  const hovers = (act) => (event) => { if (event.pointerType !== "touch") act(event); };
  document.addEventListener("pointermove", hovers((event) => lift(event.target.closest?.(veiled), event)), {passive: true});
  document.addEventListener("pointerleave", hovers(hide));
  byTap(lens, lift, hide);
  document.addEventListener("scroll", hide, {passive: true, capture: true});
  document.addEventListener("keydown", hide);
}

/** A tap lifts the veil where it is, and lays it again within the circle or beside the picture; links stay links. */
function byTap(lens, lift, hide) {
  const near = 5 * parseFloat(getComputedStyle(root).fontSize);
  let begun = null, last = null;
  const far = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  document.addEventListener("pointerdown", (event) => {
    begun = event.pointerType === "touch" && event.isPrimary ? event : null;
  }, {passive: true});
  document.addEventListener("pointerup", (event) => {
    if (!begun || !event.isPrimary || far(begun, event) > 12) return;
    const shown = event.target.closest?.("a, button") ? null : event.target.closest?.(veiled);
    if (shown && (lens.hidden || far(last, event) > near)) lift(shown, last = event); else hide();
  }, {passive: true});
}

if (blur !== "none" || grey === "yes") {
  if (reveal === "pointer") byPointer();
  if (reveal !== "never") byKey();
}
