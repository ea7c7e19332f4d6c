import { sized, standing, upload } from "./upload.js";

const form = document.querySelector("form");
const list = document.querySelector("ul");
const place = { ...form.dataset, ...Object.fromEntries(new URLSearchParams(location.search)) };

const SAID = {
  pending: "Somebody will look at it; it is shown once it is approved.",
  rejected: "It cannot be shown here.",
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const files = [...form.elements.pictures.files];
  form.reset();
  await Promise.all(files.map(show));
});

/** Upload one file, and show what became of it. */
async function show(file) {
  const item = document.createElement("li");
  item.textContent = `${file.name} …`;
  list.prepend(item);
  try {
    const told = await upload(file, place);
    const said = standing(told);
    item.replaceChildren(said === "approved" ? picture(told, file.name) : `${file.name}: ${SAID[said]}`);
    item.className = said;
  } catch (error) {
    item.textContent = `${file.name}: ${error.message}`;
    item.className = "refused";
  }
}

function picture(told, alt) {
  return Object.assign(new Image(), { src: sized(told, place), alt, width: told.width, height: told.height });
}
