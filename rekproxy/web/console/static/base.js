// What every page shares: calls with the session's token, words for screen readers, keys, polling.

const token = document.querySelector('meta[name="csrf-token"]').content;
const said = document.getElementById("said");
const ended = document.getElementById("ended");

/** Sends values (an object, or a FormData) and gives the JSON of the answer; throws an Error in the server's words. */
export async function post(url, values = {}) {
  const body = values instanceof FormData ? values : new URLSearchParams(values);
  return ask(url, {method: "POST", body, headers: {"X-CSRF-Token": token}});
}

/** Gives the JSON at an address; throws as `post` does. */
export async function get(url) {
  return ask(url, {});
}

async function ask(url, {headers, ...how}) {
  let answer, text;
  try {
    answer = await fetch(url, {...how, credentials: "same-origin", headers: {...headers, Accept: "application/json"}});
    text = await answer.text();
  } catch {
    throw new Error(said.dataset.lost); // what browsers say themselves helps nobody
  }
  let found = {};
  try { found = JSON.parse(text); } catch { /* a proxy between us may answer in its own way */ }
  if (answer.ok) return found;
  if (answer.status === 401 && ended) ended.hidden = false; // it stays: nothing goes on without signing in
  const error = new Error(found.error?.message || said.dataset.odd.replace("{status}", answer.status));
  error.status = answer.status;
  throw error;
}

/** Says a sentence: shown for a few seconds, and read aloud by screen readers. */
export function announce(text, kind = "") {
  said.textContent = text;
  said.dataset.kind = kind;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => { said.textContent = ""; }, 6000);
}

/** The key that somebody means: Caps Lock makes no other keys of letters, Shift does. */
export function meant(event) {
  const locked = event.key.length === 1 && !event.shiftKey && event.getModifierState("CapsLock");
  return locked ? event.key.toLowerCase() : event.key;
}

/** Binds keys, as {"a": act, "Escape": leave}; they rest while somebody types or holds Ctrl, Alt or Meta. */
export function keys(map) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    const act = map[meant(event)];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}

/** Calls `act` every so many milliseconds while the page is seen; an error makes the next turn come later. */
export function poll(act, milliseconds) {
  let wait = milliseconds;
  const turn = async () => {
    if (!document.hidden) {
      try { await act(); wait = milliseconds; } catch { wait = Math.min(wait * 2, 60000); }
    }
    setTimeout(turn, wait);
  };
  setTimeout(turn, wait);
}

// Enter in a field of a form that decides presses a button that does nothing; here it says so.
document.addEventListener("submit", (event) => {
  if (!event.submitter?.matches("[data-idle]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  announce(event.submitter.textContent);
}, true);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
