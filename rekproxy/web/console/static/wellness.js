// Takes the veil off pictures for a moment: in a circle around the pointer, or while a key is held.

const root = document.documentElement;
const {blur = "none", grey = "no", reveal = "never"} = root.dataset;
const veiled = 'img[src*="/console/picture/"], img[src^="blob:"], img[data-veiled]';
const KEY = "z";

function typing(target) {
  return target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function byKey() {
  document.addEventListener("keydown", (event) => {
    if (event.key === KEY && !event.ctrlKey && !event.altKey && !event.metaKey && !typing(event.target)) root.dataset.revealed = "";
  });
  const cover = () => { delete root.dataset.revealed; };
  document.addEventListener("keyup", (event) => { if (event.key === KEY) cover(); });
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
  let shown = null;
  const move = (event) => {
    shown = event.target.closest?.(veiled) || null;
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
  const hide = () => { lens.hidden = true; };
  document.addEventListener("pointermove", move, {passive: true});
  document.addEventListener("pointerleave", hide);
  document.addEventListener("scroll", hide, {passive: true, capture: true});
  document.addEventListener("keydown", hide);
}

if (blur !== "none" || grey === "yes") {
  if (reveal === "pointer") byPointer();
  if (reveal !== "never") byKey();
}
