// Decides in place: the card says what it is now, and offers to undo it. Without this, the forms do the same.

import {announce, post} from "./base.js";

document.querySelector(".pictures")?.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const values = new FormData(form, event.submitter);
  const buttons = [...form.querySelectorAll("button, select")];
  for (const button of buttons) button.disabled = true;
  try {
    show(form, await post(form.action, values));
  } catch (error) {
    announce(error.message, "bad");
    if (error.status !== 409 && error.status !== 404) for (const button of buttons) button.disabled = false;
  }
});

function show(form, answer) {
  const card = form.closest(".picture");
  announce(answer.said);
  card.querySelector(".why").textContent = answer.said;
  card.querySelector(".chip")?.remove(); // what it says is no longer so
  const undo = form.cloneNode(false);
  for (const [name, value] of Object.entries({...hidden(form), ...answer.undo})) undo.append(field(name, value));
  if (!Object.keys(answer.undo).length) { location.reload(); return; }
  const button = document.createElement("button");
  button.className = "button";
  button.name = "act";
  button.value = "undo";
  button.textContent = `↶ ${card.parentElement.dataset.undo}`;
  undo.append(button);
  form.replaceWith(undo);
  button.focus();
}

function hidden(form) {
  return Object.fromEntries([...form.querySelectorAll("input[type=hidden]")].map((input) => [input.name, input.value]));
}

function field(name, value) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
}
