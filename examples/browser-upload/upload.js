/**
 * Upload one picture by an unsigned preset, with nothing but fetch.
 *
 * `place` is {base, cloud, preset}: where rekproxy is, whose cloud, and the name of an unsigned upload preset.
 * Gives the reply; throws an Error with the service's own words when the picture is refused.
 */
export async function upload(file, place, fields = {}) {
  const form = new FormData();
  form.append("upload_preset", place.preset);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  const reply = await fetch(`${place.base}/v1_1/${place.cloud}/image/upload`, { method: "POST", body: form });
  const told = await reply.json();
  if (told.error) throw new Error(told.error.message);
  return told;
}

/** "approved", "pending" or "rejected": whether the picture may be shown, to anybody. */
export function standing(told) {
  const statuses = (told.moderation ?? []).map((entry) => entry.status);
  if (statuses.includes("rejected")) return "rejected";
  return statuses.some((status) => status !== "approved") ? "pending" : "approved";
}

/** The address of a picture in a size, in the best format that the browser reads. */
export function sized(told, place, transformation = "c_limit,w_400,f_auto,q_auto") {
  const name = told.public_id.split("/").map(encodeURIComponent).join("/");
  return `${place.base}/${place.cloud}/image/upload/${transformation}/v${told.version}/${name}`;
}
