// The library with script: more pictures as one scrolls, many decided with progress, uploads by drop.

import {announce, post} from "./base.js";

const pictures = document.getElementById("pictures");
const tiles = document.getElementById("tiles");

// --- endless scrolling: the link to the next page stays, for who has no script or no patience

function follow() {
  const link = pictures?.querySelector(".further a");
  if (!link) return;
  const seen = new IntersectionObserver(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    try { await append(link); } catch (error) { announce(error.message, "bad"); return; }
    follow();
  }, {rootMargin: "600px"});
  seen.observe(link);
}

async function append(link) {
  const answer = await fetch(link.href, {credentials: "same-origin"});
  if (!answer.ok || answer.redirected) throw new Error(link.textContent);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const tile of page.querySelectorAll("#tiles > li")) tiles.append(document.adoptNode(tile));
  tiles.hidden = false;
  const next = page.querySelector(".further a");
  if (next) link.href = next.href; else link.parentElement.remove();
  count();
}

// --- choosing

const every = document.getElementById("every");
const counted = document.getElementById("count");
const ticks = () => [...tiles.querySelectorAll(".tick input")];

function count() {
  if (!every) return;
  const chosen = ticks().filter((tick) => tick.checked).length;
  counted.textContent = counted.dataset.text.replace("{count}", chosen);
  counted.hidden = false;
  every.querySelector("input").checked = chosen > 0 && chosen === ticks().length;
}

if (every) {
  every.hidden = false;
  every.querySelector("input").addEventListener("change", (event) => {
    for (const tick of ticks()) tick.checked = event.target.checked;
    count();
  });
  let last = null;
  tiles.addEventListener("click", (event) => {
    if (!event.target.matches(".tick input")) return;
    const all = ticks();
    if (event.shiftKey && last) {
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      for (const tick of all.slice(from, to + 1)) tick.checked = event.target.checked;
    }
    last = event.target;
    count();
  });
  count();
}

// --- many at once: a chunk a call, as long as there is a next one

const panel = document.getElementById("batch");

// Gives the pictures that were changed, and whether the run ended before all was sent.
async function run(url, first, total, decides) {
  const bar = panel.querySelector("progress");
  const stop = panel.querySelector("[data-stop]");
  const sums = {decided: 0, same: 0, held: 0, overtaken: 0, gone: 0};
  const done = [];
  let next = first, stopped = false, said = [], why = "";
  stop.onclick = () => { stopped = true; };
  panel.hidden = false; stop.hidden = false; bar.hidden = false; panel.querySelector("[data-undo]").hidden = true;
  if (total) { bar.max = total; bar.value = 0; } else { bar.removeAttribute("value"); }
  try {
    while (next && !stopped) {
      const answer = await post(url, form(next));
      done.push(...answer.tiles.map((tile) => tile.pick));
      for (const tile of answer.tiles) draw(tile, decides);
      for (const name of Object.keys(sums)) sums[name] += answer[name];
      const all = Object.values(sums).reduce((a, b) => a + b);
      if (total) bar.value = all;
      said = answer.said;
      panel.querySelector("[data-said]").textContent = `${all}`;
      next = answer.next;
    }
    bar.max = 1; bar.value = 1;
  } catch (error) {
    why = error.status ? error.message : panel.dataset.unreached;
  }
  stop.hidden = true; bar.hidden = Boolean(next);
  tell(sentence(said, sums), why);
  return {done, broken: Boolean(next)};
}

// What came of a run stays in the panel; what it broke off by is said first.
function tell(text, why) {
  const line = panel.querySelector("[data-said]");
  line.textContent = why ? `${panel.dataset.broken.replace("{why}", why)} ${text}` : text;
  line.className = why ? "notice bad" : "";
  announce(line.textContent, why ? "bad" : "");
}

// The tile of a picture that was changed: selected anew it is decided as it is now.
function draw({pick, sign, word, colour}, decided) {
  const tick = tiles.querySelector(`.tick input[value^="${named(pick)}:"]`);
  if (!tick) return;
  tick.value = pick;
  tick.checked = false;
  const tile = tick.closest(".tile"), chip = tile.querySelector(".chip");
  tile.classList.toggle("done", decided);
  chip.className = `chip ${colour}`;
  chip.firstElementChild.textContent = sign;
  chip.lastChild.data = ` ${word}`;
}

const named = (pick) => pick.split(":")[0];

// The server's own sentence with the sums of all chunks: its first number is how many were decided.
function sentence(said, sums) {
  const whole = said.length ? said[0].replace(/\d+/, sums.decided) : "";
  const rest = ["same", "held", "overtaken", "gone"].map((name) => sums[name] && panel.dataset[name]?.replace("{count}", sums[name]));
  return [whole, ...rest.filter(Boolean)].join(" ");
}

function form(values) {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) for (const each of [value].flat()) body.append(name, each);
  return body;
}

// A form has room for so many values: a hundred pictures are one of them.
function written(picks) {
  const starts = [...picks.keys()].filter((at) => at % 100 === 0);
  return starts.map((at) => picks.slice(at, at + 100).join(" "));
}

pictures?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter, act = button?.value ?? "", all = act.endsWith("_all");
  const chosen = ticks().filter((tick) => tick.checked).map((tick) => tick.value);
  if (!all && !chosen.length) { announce(panel.dataset.nothing, "bad"); return; }
  const values = {act, reason: pictures.elements.reason?.value || ""};
  if (all) values.uploader = pictures.elements.uploader.value;
  else values["picture[]"] = written(chosen);
  const buttons = [...pictures.querySelectorAll(".acts button")];
  for (const each of buttons) each.disabled = true;
  const {done} = await run(pictures.action, values, all ? 0 : chosen.length, true);
  for (const each of buttons) each.disabled = false;
  count();
  if (done.length) offer(done); else button?.focus();
});

function offer(done) {
  const undo = panel.querySelector("[data-undo]");
  undo.hidden = false;
  undo.onclick = async () => {
    const back = await run(undo.dataset.undo, {"picture[]": written(done)}, done.length, false);
    count();
    const changed = new Set(back.done.map(named));
    if (back.broken) offer(done.filter((pick) => !changed.has(named(pick))));
  };
  undo.focus();
}

// --- uploads: chosen in the form or dropped on the page, one after another

const upload = document.getElementById("upload");

async function send(files) {
  const outcomes = document.getElementById("outcomes");
  outcomes.hidden = false;
  upload.closest("details").open = true;
  for (const file of files) {
    const line = document.createElement("li");
    line.textContent = `${file.name} …`;
    outcomes.append(line);
    const body = new FormData();
    for (const name of ["tags", "upload_preset"]) if (upload.elements[name]?.value) body.append(name, upload.elements[name].value);
    body.append("file", file);
    try {
      const answer = await post(upload.action, body);
      const link = document.createElement("a");
      link.href = answer.page;
      link.textContent = answer.said;
      line.replaceChildren(link);
      announce(answer.said);
      document.getElementById("fresh").hidden = false;
      document.querySelector(".empty")?.remove(); // it says that there is nothing
    } catch (error) {
      line.textContent = `${file.name}: ${error.message}`;
      line.dataset.kind = "bad";
      announce(line.textContent, "bad");
    }
  }
}

if (upload) {
  upload.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send(upload.elements.file.files);
    upload.elements.file.value = "";
  });
  document.body.dataset.drop = upload.dataset.drop;
  const files = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => { if (files(event)) { event.preventDefault(); document.body.classList.add("dropping"); } });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    send(event.dataTransfer.files);
  });
}

follow();
