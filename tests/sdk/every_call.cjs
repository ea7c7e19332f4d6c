// Every call of the wire by Cloudinary's Node SDK, unmodified. Prints one JSON line for each check.
// Run as: CLOUDINARY_URL=… NODE_PATH=…/node_modules node every_call.cjs PICTURE LARGE_PICTURE SITE
const assert = require("node:assert");
const fs = require("node:fs");
const { v2: cloudinary } = require("cloudinary");
const { api, uploader, search, utils } = cloudinary;

const [picture, large, site] = process.argv.slice(2);
const checks = [];
const check = (name, run) => checks.push([name, run]);
const up = (public_id, options = {}) => uploader.upload(picture, { public_id: `node/${public_id}`, ...options });
const names = (reply) => reply.resources.map((item) => item.public_id).sort();

/** The error that a call ends with, as the SDK gives it. */
async function refused(promise, status, words) {
  const error = await promise.then(() => assert.fail("it was not refused"), (reason) => reason.error || reason);
  assert.equal(error.http_code, status, JSON.stringify(error));
  assert.match(error.message, words);
}

async function shown(url, status = 200) {
  const reply = await fetch(url);
  assert.equal(reply.status, status, url);
  return reply;
}

check("upload", async () => {
  const reply = await up("cat", {
    tags: ["b", "a"], context: { alt: "a=b|c" }, moderation: "aws_rek", phash: true, colors: true, faces: true,
    media_metadata: true, quality_analysis: true, eager: [{ width: 50, crop: "scale" }],
    responsive_breakpoints: [{ create_derived: true, min_width: 50, max_width: 100, max_images: 2 }],
    face_coordinates: [[1, 2, 30, 40]], return_delete_token: true, display_name: "Cat", asset_folder: "shelf",
  });
  assert.deepEqual([reply.width, reply.height, reply.format], [120, 100, "jpg"]);
  assert.deepEqual(reply.tags, ["a", "b"]);
  assert.deepEqual(reply.context, { custom: { alt: "a=b|c" } });
  assert.equal(reply.moderation[0].status, "approved");
  assert.match(reply.phash, /^[0-9a-f]{16}$/);
  assert.equal(reply.eager[0].width, 50);
  assert.ok(reply.responsive_breakpoints[0].breakpoints.length > 0);
  assert.deepEqual([reply.display_name, reply.asset_folder], ["Cat", "shelf"]);
  assert.ok(utils.verify_api_response_signature(reply.public_id, reply.version, reply.signature));
  await shown(cloudinary.url("node/cat", { version: reply.version, format: "jpg", secure: false }));
  await refused(uploader.upload(picture, { moderation: "nonsense" }), 400, /moderation is not valid/);
  const gone = await (await fetch(uploader_url("delete_by_token"), {
    method: "POST", body: new URLSearchParams({ token: reply.delete_token }),
  })).json();
  assert.equal(gone.result, "ok");
});

const uploader_url = (action) => cloudinary.utils.api_url(action, { resource_type: "image" });

check("upload from a stream", async () => {
  const reply = await new Promise((done, failed) => {
    const stream = uploader.upload_stream({ public_id: "node/stream" }, (error, result) => error ? failed(error) : done(result));
    fs.createReadStream(picture).pipe(stream);
  });
  assert.equal(reply.public_id, "node/stream");
});

check("upload from an address and as data", async () => {
  assert.equal((await uploader.upload(`${site}/node.jpg`)).original_filename, "node");
  const uri = `data:image/jpeg;base64,${fs.readFileSync(picture).toString("base64")}`;
  assert.equal((await uploader.upload(uri)).format, "jpg");
});

check("upload in pieces", async () => {
  const reply = await new Promise((done) => {
    uploader.upload_large(large, { resource_type: "image", chunk_size: 5500000 }, (error, result) => done(error || result));
  });
  assert.equal(reply.bytes, fs.statSync(large).size, JSON.stringify(reply));
});

check("unsigned upload", async () => {
  await api.create_upload_preset({ name: "node", unsigned: true, folder: "open", tags: ["preset"] });
  assert.equal((await api.upload_preset("node")).unsigned, true);
  assert.deepEqual((await api.update_upload_preset("node", { tags: ["x"] })).message, "updated");
  assert.ok((await api.upload_presets()).presets.length >= 1);
  const reply = await uploader.unsigned_upload(picture, "node", { tags: ["mine"] });
  assert.deepEqual(reply.tags, ["mine", "x"]);
  assert.match(reply.public_id, /^open\//);
  await refused(uploader.unsigned_upload(picture, "node", { moderation: "manual" }), 400, /not allowed when using unsigned/);
  assert.equal((await api.delete_upload_preset("node")).message, "deleted");
});

check("explicit", async () => {
  await up("explicit");
  const reply = await uploader.explicit("node/explicit", { type: "upload", eager: [{ width: 31, crop: "scale" }], tags: "t" });
  assert.deepEqual([reply.tags, reply.eager[0].width], [["t"], 31]);
  await refused(uploader.explicit("nobody", { type: "upload" }), 404, /^Resource not found/);
});

check("text", async () => {
  const reply = await uploader.text("Hello", { public_id: "node/greeting", font_size: 40 });
  assert.deepEqual([reply.type, reply.public_id], ["text", "node/greeting"]);
});

check("rename", async () => {
  await up("old");
  assert.equal((await uploader.rename("node/old", "node/new")).public_id, "node/new");
  await up("taken");
  await refused(uploader.rename("node/new", "node/taken"), 400, /already exists/);
});

check("tags, context and metadata", async () => {
  await up("t1");
  const touched = { public_ids: ["node/t1"] };
  const same = (reply) => assert.deepEqual(reply.public_ids, touched.public_ids);
  same(await uploader.add_tag("a", ["node/t1"]));
  same(await uploader.replace_tag("b", ["node/t1"]));
  assert.deepEqual((await api.resource("node/t1")).tags, ["b"]);
  same(await uploader.remove_tag("b", ["node/t1"]));
  same(await uploader.remove_all_tags(["node/t1"]));
  same(await uploader.add_context({ k: "v" }, ["node/t1"]));
  assert.deepEqual((await api.resource("node/t1")).context, { custom: { k: "v" } });
  same(await uploader.remove_all_context(["node/t1"]));
  await api.add_metadata_field({ external_id: "node_shelf", label: "Node shelf", type: "integer" });
  same(await uploader.update_metadata({ node_shelf: 3 }, ["node/t1"]));
  assert.deepEqual((await api.resource("node/t1")).metadata, { node_shelf: 3 });
  await api.delete_metadata_field("node_shelf");
});

check("destroy", async () => {
  await up("gone");
  assert.equal((await uploader.destroy("node/gone")).result, "ok");
  assert.equal((await uploader.destroy("node/gone")).result, "not found");
});

check("ping, config, usage", async () => {
  const reply = await api.ping();
  assert.equal(reply.status, "ok");
  assert.ok(reply.rate_limit_allowed > 0);
  assert.ok((await api.config({ settings: true })).settings);
  assert.ok((await api.usage()).resources >= 0);
  assert.deepEqual((await api.resource_types()).resource_types, ["image"]);
});

check("listings", async () => {
  const ids = [];
  for (const name of ["l1", "l2"]) ids.push((await up(name, { tags: "node-list", context: { node: "yes" }, asset_folder: "node-lists" })).asset_id);
  const both = ["node/l1", "node/l2"];
  assert.deepEqual(names(await api.resources({ type: "upload", prefix: "node/l", tags: true })), both);
  const first = await api.resources_by_tag("node-list", { max_results: 1 });
  const rest = await api.resources_by_tag("node-list", { max_results: 1, next_cursor: first.next_cursor });
  assert.deepEqual([...names(first), ...names(rest)].sort(), both);
  assert.deepEqual(names(await api.resources_by_ids(both)), both);
  assert.deepEqual(names(await api.resources_by_asset_ids(ids)), both);
  assert.equal((await api.resources_by_asset_folder("node-lists")).total_count, 2);
  assert.deepEqual(names(await api.resources_by_context("node", "yes")), both);
  assert.ok((await api.resources_by_moderation("aws_rek", "approved")).resources.length > 0);
  assert.ok((await api.tags({ prefix: "node-" })).tags.includes("node-list"));
});

check("one picture", async () => {
  const { asset_id } = await up("one", { eager: [{ width: 23, crop: "scale" }] });
  const changed = await api.update("node/one", {
    tags: ["x"], context: { k: "v" }, moderation_status: "rejected", display_name: "One", face_coordinates: [[1, 2, 3, 4]],
  });
  assert.deepEqual([changed.tags, changed.moderation_status, changed.display_name], [["x"], "rejected", "One"]);
  await shown(cloudinary.url("node/one", { secure: false }), 404);
  await api.update("node/one", { moderation_status: "approved" });
  const told = await api.resource_by_asset_id(asset_id, { coordinates: true, phash: true, versions: true });
  assert.deepEqual(told.coordinates.faces, [[1, 2, 3, 4]]);
  await refused(api.resource("node/nobody"), 404, /^Resource not found - node\/nobody/);
});

check("derived images", async () => {
  await up("derived", { eager: [{ width: 24, crop: "scale" }, { width: 25, crop: "scale" }] });
  const { derived } = await api.resource("node/derived");
  assert.equal(derived.length, 2);
  assert.equal((await api.delete_derived_resources([derived[0].id])).deleted[derived[0].id], "deleted");
  await api.delete_derived_by_transformation(["node/derived"], [derived[1].transformation]);
  assert.deepEqual((await api.resource("node/derived")).derived, []);
});

check("delete and restore", async () => {
  await up("r1", { backup: true, tags: "node-drop" });
  const { asset_id } = await up("r1", { backup: true, tags: "node-drop" });
  assert.deepEqual((await api.delete_resources(["node/r1"])).deleted, { "node/r1": "deleted" });
  assert.equal((await api.restore(["node/r1"]))["node/r1"].public_id, "node/r1");
  assert.ok((await api.delete_resources_by_tag("node-drop")).deleted["node/r1"]);
  assert.ok((await api.restore_by_asset_ids([asset_id]))[asset_id].bytes > 0);
  const [old] = (await api.resource("node/r1", { versions: true })).versions.slice(-1);
  assert.deepEqual((await api.delete_backed_up_assets(asset_id, [old.version_id])).deleted_version_ids, [old.version_id]);
  assert.ok((await api.delete_resources_by_prefix("node/r")).deleted["node/r1"]);
  const other = await up("by-id");
  assert.equal((await api.delete_resources_by_asset_ids([other.asset_id])).deleted[other.asset_id], "deleted");
  await up("private", { type: "private" });
  assert.ok((await api.delete_all_resources({ type: "private" })).deleted["node/private"]);
});

check("publishing", async () => {
  for (const name of ["p1", "p2", "p3"]) await up(`pub/${name}`, { type: "authenticated", tags: `node-${name}` });
  assert.equal((await api.publish_by_ids(["node/pub/p1"], { type: "authenticated" })).published.length, 1);
  assert.equal((await api.publish_by_tag("node-p2", { type: "authenticated" })).published.length, 1);
  assert.equal((await api.publish_by_prefix("node/pub/", { type: "authenticated" })).published.length, 1);
});

check("folders", async () => {
  assert.equal((await api.create_folder("node-top/low")).success, true);
  assert.ok((await api.root_folders()).folders.some((folder) => folder.path === "node-top"));
  assert.deepEqual((await api.sub_folders("node-top")).folders.map((folder) => folder.name), ["low"]);
  assert.equal((await api.rename_folder("node-top/low", "node-top/high")).to.path, "node-top/high");
  const found = await cloudinary.search_folders.expression("path:node-top/*").execute();
  assert.deepEqual(found.folders.map((folder) => folder.path), ["node-top/high"]);
  assert.deepEqual((await api.delete_folder("node-top/high")).deleted, ["node-top/high"]);
});

check("search", async () => {
  await up("sought", { tags: "node-sought" });
  const found = await search.expression("tags=node-sought").with_field("tags").sort_by("public_id", "asc").execute();
  assert.deepEqual([names(found), found.total_count], [["node/sought"], 1]);
  await refused(search.expression("tags=(").execute(), 400, /Query Error/);
  const link = cloudinary.search.expression("tags=node-sought").to_url(300, null, { secure: false });
  assert.equal((await (await shown(link)).json()).total_count, 1);
});

check("transformations", async () => {
  assert.equal((await api.create_transformation("node_thumb", { width: 40, crop: "scale" })).message, "created");
  assert.deepEqual((await api.transformation("node_thumb")).info, [{ crop: "scale", width: 40 }]);
  assert.equal((await api.update_transformation("node_thumb", { allowed_for_strict: true })).message, "updated");
  assert.ok((await api.transformations()).transformations.length > 0);
  assert.equal((await api.delete_transformation("node_thumb")).message, "deleted");
});

check("mappings", async () => {
  assert.equal((await api.create_upload_mapping("node-wiki", { template: `${site}/a/` })).message, "created");
  assert.equal((await api.upload_mapping("node-wiki")).template, `${site}/a/`);
  assert.equal((await api.update_upload_mapping("node-wiki", { template: `${site}/b/` })).message, "updated");
  assert.ok((await api.upload_mappings()).mappings.length > 0);
  assert.equal((await api.delete_upload_mapping("node-wiki")).message, "deleted");
});

check("metadata fields", async () => {
  const values = [{ external_id: "r", value: "red" }, { external_id: "b", value: "blue" }];
  await api.add_metadata_field({ external_id: "node_hue", label: "Node hue", type: "set", datasource: { values } });
  assert.equal((await api.metadata_field_by_field_id("node_hue")).type, "set");
  assert.ok((await api.list_metadata_fields()).metadata_fields.some((field) => field.external_id === "node_hue"));
  assert.equal((await api.update_metadata_field("node_hue", { label: "Hues" })).label, "Hues");
  await api.update_metadata_field_datasource("node_hue", { values: [{ external_id: "g", value: "green" }] });
  await api.delete_datasource_entries("node_hue", ["g"]);
  await api.restore_metadata_field_datasource("node_hue", ["g"]);
  await api.order_metadata_field_datasource("node_hue", "value", "asc");
  await api.reorder_metadata_fields("label", "asc");
  const reply = await up("hued", { metadata: { node_hue: ["r", "b"] } });
  assert.deepEqual(reply.metadata.node_hue.sort(), ["b", "r"]);
  assert.equal((await api.delete_metadata_field("node_hue")).message, "ok");
});

check("download links", async () => {
  const { asset_id, version_id } = await up("closed", { type: "private", backup: true });
  await shown(utils.private_download_url("node/closed", "jpg", { type: "private" }));
  await shown(utils.download_backedup_asset(asset_id, version_id));
});

check("delivery URLs", async () => {
  await up("seen");
  const of = (options) => cloudinary.url("node/seen", { secure: false, ...options });
  for (const options of [
    { width: 20, crop: "scale", format: "png" }, { sign_url: true }, { sign_url: true, long_url_signature: true },
    { shorten: true }, { transformation: [{ width: 30, crop: "fill", height: 30 }, { effect: "sepia" }] },
  ]) await shown(of(options));
});

check("what is not here", async () => {
  await refused(uploader.multi("tag"), 400, /Not supported/);
  await refused(uploader.explode("one", { page: "all" }), 400, /Not supported/);
  await refused(uploader.create_archive({ tags: "a" }), 400, /Not supported/);
  await refused(api.list_streaming_profiles(), 404, /Not Found/);
});

(async () => {
  for (const [name, run] of checks) {
    const error = await run().then(() => null, (reason) => reason.stack || JSON.stringify(reason));
    console.log(JSON.stringify({ name, error }));
  }
})();
