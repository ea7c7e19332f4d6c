// Decides in place: the card says what it is now, and offers to undo it. Without this, the forms do the same.

import {announce, post} from "./base.js";

document.querySelector(".pictures")?.addEventListener("submit", async (event) => {
  const form = event.target;
  const card = form.closest(".picture");
  const pressed = event.submitter;
  event.preventDefault();
  const values = new FormData(form, pressed);
  const buttons = [...form.querySelectorAll("button, select")];
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await post(form.action, values);
    redraw(card, answer.card);
    focus(card, pressed.value === "undo" ? card.dataset.pressed : "undo");
    card.dataset.pressed = pressed.value;
    announce(answer.said);
  } catch (error) {
    announce(error.message, "bad");
    if (error.status !== 409 && error.status !== 404) for (const button of buttons) button.disabled = false;
    focus(card, pressed.value);
  }
});

/** Shows what the server says of a card; its picture stays as it is, not loaded again. */
function redraw(card, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const part of [".words", ".acts"]) card.querySelector(part).replaceWith(holder.content.querySelector(part) ?? "");
}

/** Puts the focus on an act of a card, or on its picture; not if somebody is elsewhere by now. */
function focus(card, act) {
  if (document.activeElement !== document.body && !card.contains(document.activeElement)) return;
  const able = [...card.querySelectorAll(".acts button:enabled")];
  (able.find((button) => button.value === act) ?? able[0] ?? card.querySelector("a")).focus();
}
