// The review queue without page loads: the next pictures lie ready behind the one in front, decisions are sent
// in their order while one looks on, and what could not be decided comes back with the reason.

import {announce, keys, poll, post} from "./base.js";

const desk = document.getElementById("desk");
const empty = document.getElementById("empty");
const help = document.getElementById("help");
const undoButton = document.getElementById("undo");
const words = desk.dataset;
const most = Number(words.ahead);
// leases last three minutes: they are renewed in time, but not for who has gone away
const RENEW = 45 * 1000;
const IDLE = 10 * 60 * 1000;

let current = desk.querySelector(".item");
let lastPlace = current?.dataset.place ?? "";
let sent = Promise.resolve();
let filling = false;
let focused = null; // the act that has the focus, also while nothing is in front
let active = Date.now();
let renewed = Date.now();
const ahead = [];
const past = [];
const underway = new Set();

// --- pictures that do not come

/** Why a picture cannot be decided about now, in words; nothing where it is seen, or where none is kept. */
function unseen(item) {
  const image = item.querySelector("img");
  if (!image || image.complete && image.naturalWidth) return "";
  return image.complete ? words.saidUnseen : words.saidLoading; // a broken image is complete too
}

/** Sees to it that words and a button stand where a picture did not come. */
function watched(item) {
  const image = item.querySelector("img");
  const look = () => {
    const notice = item.querySelector(".unseen");
    const focused = notice.contains(document.activeElement);
    image.hidden = unseen(item) === words.saidUnseen;
    notice.hidden = !image.hidden;
    if (focused && notice.hidden) item.querySelector(".sight").focus({preventScroll: true});
  };
  for (const kind of ["load", "error"]) image?.addEventListener(kind, look);
  if (image?.complete) look();
  return item;
}

function loadAgain(item) {
  const image = item.querySelector("img");
  image.src = image.src;
}

// --- what is in front

/** Makes a picture of a piece of HTML; it begins to load at once, though nobody sees it yet. */
function made(piece) {
  const holder = document.createElement("div");
  holder.innerHTML = piece.html;
  const item = holder.firstElementChild;
  item.querySelector("img")?.decode().catch(() => {});
  return watched(item);
}

/** Says why nothing is in front: the next one is "coming" or "late", "others" have them all, or there is "none". */
function tell(state) {
  for (const each of empty.querySelectorAll("[data-empty]")) each.hidden = each.dataset.empty !== state;
  empty.hidden = false;
}

/** Puts a picture in front, or says that it is on its way; the focus stays on the same act. */
function show(item) {
  if (current) focused = current.contains(document.activeElement) ? document.activeElement.value : null;
  current?.remove();
  current = item ?? null;
  empty.hidden = Boolean(current);
  if (!current) { tell("coming"); return; }
  desk.append(current);
  if (unseen(current) === words.saidUnseen) loadAgain(current); // it failed while it lay behind
  lastPlace = current.dataset.place;
  if (!focused || document.activeElement !== document.body) return;
  [...current.querySelectorAll("button")].find((button) => button.value === focused)?.focus({preventScroll: true});
}

function putBack(item) {
  if (current) ahead.unshift(current);
  show(item);
}

function held() {
  const shown = [current, ...ahead].filter(Boolean).map((item) => item.dataset.version);
  return [...new Set([...shown, ...underway])];
}

/** Asks for as many pictures as are missing behind the one in front. */
async function refill() {
  const missing = most - ahead.length;
  if (filling || missing < 1) return;
  filling = true;
  // nothing is kept back from the answer: where it brings nothing, nothing waits
  const whole = !current && !underway.size;
  let full = false;
  try {
    const after = ahead.at(-1)?.dataset.place ?? lastPlace;
    const answer = await post(words.next, {after, held: held().join(","), limit: missing});
    const known = new Set(held());
    for (const piece of answer.items) if (!known.has(piece.version)) ahead.push(made(piece));
    full = answer.items.length === missing;
    if (!current && ahead.length) show(ahead.shift());
    else if (!current) tell(!whole ? "coming" : answer.others ? "others" : "none");
  } catch (error) {
    announce(error.message, "bad");
    if (!current) tell("late");
    return;
  } finally {
    filling = false;
  }
  if (full || !current && !whole && !underway.size) refill(); // more went meanwhile than was asked for
}

// --- acts

function said(act, name) {
  return words[`said${act[0].toUpperCase()}${act.slice(1)}`].replace("{name}", name);
}

/** Does an act: the next picture is there before the server has heard of it. */
function perform(form, submitter) {
  const item = form.closest(".item");
  const values = new FormData(form, submitter);
  const act = values.get("act").split(":")[0];
  const blind = act === "approve" || act === "reject" ? unseen(item) : "";
  if (blind) { announce(blind, "bad"); return; }
  const done = {item, act, name: item.dataset.name, undo: null};
  underway.add(item.dataset.version);
  past.push(done);
  show(ahead.shift());
  announce(said(act, done.name));
  done.sent = sent = sent.then(() => send(done, form.action, values));
  undoButton.disabled = false;
  refill();
}

async function send(done, url, values) {
  try {
    done.undo = (await post(url, values)).undo;
  } catch (error) {
    past.splice(past.indexOf(done), 1);
    undoButton.disabled = !past.length;
    announce(error.message, "bad");
    if (error.status !== 409 && error.status !== 404) putBack(done.item);
  } finally {
    underway.delete(done.item.dataset.version);
    recount();
    if (!current) refill();
  }
}

/** Takes the last act back, whatever it was, and has its picture in front again. */
async function undo() {
  const done = past.pop();
  undoButton.disabled = !past.length;
  if (!done) return;
  await done.sent;
  if (!done.undo) return;
  const {back, ...where} = done.undo;
  try {
    const answer = await post(done.item.querySelector("form").action, {...where, act: back, name: done.name});
    if (answer.items.length) {
      const again = made(answer.items[0]);
      again.querySelector("textarea").value = done.item.querySelector("textarea").value;
      putBack(again);
    }
    announce(answer.items.length ? said("undo", done.name) : words.saidTaken.replace("{name}", done.name));
    recount();
  } catch (error) {
    announce(error.message, "bad");
  }
}

desk.addEventListener("submit", (event) => {
  event.preventDefault();
  perform(event.target, event.submitter);
});
desk.addEventListener("click", (event) => {
  if (event.target.closest("[data-again]")) loadAgain(event.target.closest(".item"));
});
undoButton.addEventListener("click", undo);

// --- counts, and leases that are renewed while somebody is here

/** Counts anew once nothing has been done for a moment. */
function recount() {
  clearTimeout(recount.timer);
  recount.timer = setTimeout(() => keep().catch(() => {}), 500);
}

async function keep() {
  const here = Date.now() - active < IDLE;
  const mine = here && Date.now() - renewed > RENEW ? held() : [];
  if (mine.length) renewed = Date.now();
  const {kept, counts} = await post(words.keep, {held: mine.join(",")});
  for (const count of document.querySelectorAll("[data-count]")) count.textContent = counts[count.dataset.count];
  const lost = new Set(mine.filter((version) => !kept.includes(version) && !underway.has(version)));
  for (const item of ahead.filter((each) => lost.has(each.dataset.version))) ahead.splice(ahead.indexOf(item), 1);
  if (current && lost.has(current.dataset.version)) {
    announce(words.saidLost.replace("{name}", current.dataset.name));
    show(ahead.shift());
  }
  if (here) refill();
}

for (const kind of ["keydown", "pointerdown", "pointermove"]) {
  addEventListener(kind, () => { active = Date.now(); }, {passive: true});
}

// --- keys

const others = {
  u: undo,
  w: () => current?.querySelector("textarea").focus(),
  "?": () => help.showModal(),
};

/** What a key does now: a button of the picture in front, or an act of the page. */
function bound(key) {
  if (help.open || localStorage.getItem("rekproxy-keys") === "off" && key !== "?") return null;
  const button = [...(current?.querySelectorAll("[data-key]") ?? [])].find((each) => each.dataset.key === key);
  const act = button ? () => button.form.requestSubmit(button) : others[key];
  // a key that is held down decides once
  return act && ((event) => { if (!event.repeat) act(); });
}

keys(new Proxy({}, {get: (_, key) => bound(key)}));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("textarea")) event.target.blur();
});
document.querySelector("[data-help]").addEventListener("click", () => help.showModal());
help.querySelector("[data-close]").addEventListener("click", () => help.close());

const keysButton = help.querySelector("[data-keys]");
function nameKeys() {
  keysButton.textContent = localStorage.getItem("rekproxy-keys") === "off" ? keysButton.dataset.on : keysButton.dataset.off;
}
keysButton.addEventListener("click", () => {
  localStorage.setItem("rekproxy-keys", localStorage.getItem("rekproxy-keys") === "off" ? "on" : "off");
  nameKeys();
});

// --- begin

nameKeys();
if (current) watched(current);
for (const hidden of document.querySelectorAll("#undo, [data-help], [data-scripted]")) hidden.hidden = false;
refill();
poll(keep, 5000);
