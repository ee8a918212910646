// Values planted in names, comments, times and files beside the images: none of them comes out of the packed engine and
// the archives it writes. It needs `cargo xtask pack`.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { corpus } from "./support/corpus.mjs";
import { run, scratch } from "./support/programs.mjs";

/** @type {typeof import("../../www/lib/node.js")} */
const lethe = await import(new URL("../../target/npm/node.js", import.meta.url).href);
const image = corpus().find((path) => path.endsWith("CT_small.dcm")) ?? assert.fail("the image is there");

/** What is planted, each where its name says. */
const planted = {
  folder: "QvFolderZk71", file: "QvFileZk72", comment: "QvCommentZk73", entry: "QvEntryZk74", extra: "QvExtraZk75",
  sibling: "QvSiblingZk76", text: "QvTextZk77", broken: "QvBrokenZk78", directory: "QvDirectoryZk79", emoji: "QvEmoji😀\nZk80",
};

/** An archive whose names, comments, times and extra fields say something. */
const WRITE = `
import sys, zipfile
path, image, names = sys.argv[1], open(sys.argv[2], "rb").read(), sys.argv[3:]
folder, file, comment, entry, extra, sibling, text, broken, directory, emoji = names
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.comment = comment.encode()
    info = zipfile.ZipInfo(f"{folder}/{file}.dcm", (2017, 3, 21, 13, 37, 42))
    info.comment, info.extra = entry.encode(), b"\\xfe\\xca" + len(extra).to_bytes(2, "little") + extra.encode()
    archive.writestr(info, image)
    archive.writestr(f"{folder}/{sibling}.txt", f"{text} was here")
    archive.writestr(f"{folder}/{broken}.dcm", image[:len(image) // 2])
    archive.writestr(f"{directory}/DICOMDIR", directory)
    archive.writestr(f"{emoji}.dcm", image)
print("{}")`;

/** The value in the encodings in which names and texts hide. @param {string} value */
function encodings(value) {
  const bytes = Buffer.from(value);
  const hashes = ["md5", "sha1", "sha256", "sha512"].map((name) => createHash(name).update(bytes).digest());
  const plain = [bytes, Buffer.from(value, "utf16le"), Buffer.from(value, "utf16le").swap16()];
  const texts = [bytes, ...hashes].flatMap((found) => [found.toString("hex"), found.toString("base64").replace(/=+$/, "").slice(0, -1), encodeURIComponent(value)]);
  return [...plain, ...hashes, ...texts.map((text) => Buffer.from(text))];
}

/** Every planted value that stands in the bytes, in any case. @param {Buffer} bytes */
function found(bytes) {
  const lower = Buffer.from(bytes.toString("latin1").toLowerCase(), "latin1");
  const holds = (/** @type {Buffer} */ needle) => bytes.includes(needle) || lower.includes(Buffer.from(needle.toString("latin1").toLowerCase(), "latin1"));
  return Object.values(planted).filter((value) => encodings(value).some(holds));
}

/** @param {import("node:test").TestContext} t */
function archive(t) {
  const path = scratch(t, "in.zip");
  writeFileSync(path, "");
  run("python3", "-c", WRITE, path, image, ...Object.values(planted));
  return new File([readFileSync(path)], `${planted.folder}.zip`);
}

test("the search finds what is planted", (t) => {
  const all = Object.values(planted);
  for (const value of all) for (const bytes of encodings(value)) assert.deepEqual(found(Buffer.concat([Buffer.from("a "), bytes, Buffer.from(" b")])), [value]);
  assert.deepEqual(found(readFileSync(image)), []);
  t.diagnostic("inputs " + all.length * encodings(all[0]).length);
});

for (const kind of /** @type {const} */ (["zip", "tar"])) {
  test(`no name, comment or file beside the images is in the ${kind} archive, the reports or the errors`, async (t) => {
    const deidentifier = await lethe.open({ key: new Uint8Array(32).fill(7), now: "20240229123456789", workers: 1 });
    t.after(() => deidentifier.close());
    const outcomes = [];
    for await (const outcome of deidentifier.deidentifyAll(lethe.intake(archive(t)))) outcomes.push(outcome);
    assert.deepEqual(outcomes.map(({ ok }) => ok).sort(), [false, false, false, true, true]);
    const source = Buffer.from(outcomes.map((outcome) => outcome.source).join("\n"));
    assert.ok(found(source).includes(planted.file), "the source is for the screen, and holds the name");
    const told = outcomes.map((outcome) => (outcome.ok ? JSON.stringify(outcome.report) : `${outcome.error}${outcome.error.stack}${JSON.stringify(outcome.error)}`)).join("\n");
    const written = kind === "zip" ? new Response(lethe.zip(outcomes)) : new Response(await lethe.tar(outcomes));
    const bytes = Buffer.from(await written.arrayBuffer());
    assert.ok(bytes.length > 2 * 30_000, "two images are in it");
    assert.deepEqual(found(Buffer.concat([bytes, Buffer.from(told)])), []);
    // The times of the archive's entries, as ZIP and TAR write them.
    assert.ok(!bytes.includes(Buffer.from([0xB5, 0x6C, 0x75, 0x4A])));
    assert.ok(!bytes.includes(Buffer.from((Date.UTC(2017, 2, 21, 13, 37, 42) / 1000).toString(8))));
  });
}
