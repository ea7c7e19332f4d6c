// The URL builder, live: the server writes the URL, the picture beside it follows.

import {announce, get} from "./base.js";

const build = document.getElementById("build");
const url = document.getElementById("url");
const copy = document.getElementById("copy");
const wrong = document.getElementById("wrong");
let turn = 0, timer = 0;

async function show() {
  const mine = ++turn;
  const asked = new URL(build.dataset.address, location.href);
  for (const [name, value] of new FormData(build)) if (value) asked.searchParams.set(name, value);
  let found;
  try { found = await get(asked); } catch (error) { found = {url: "", wrong: error.message}; }
  if (mine !== turn) return;
  wrong.hidden = !found.wrong;
  wrong.querySelector("bdi").textContent = found.wrong;
  url.value = found.url;
  const trial = document.getElementById("trial");
  if (trial && !found.wrong) trial.src = found.trial;
}

if (build) {
  build.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 250); });
  build.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(url.value); announce(copy.dataset.copied); } catch { url.select(); }
  });
}
