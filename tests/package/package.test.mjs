// The packed package, installed from its tarball, in the tools people use, with no configuration, and in Node: it gives
// the command's bytes. Needs `cargo xtask pack`, `cargo build --release --features cli` and Chromium.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";
import { run } from "../js/support/programs.mjs";
import { installApp, page, policy, source } from "./support/app.mjs";
import { drive, launch } from "./support/browser.mjs";
import { commandOutputs, hashes, key, now, someFiles } from "./support/command.mjs";

const scratch = mkdtempSync(join(tmpdir(), "lethe-package-"));
const app = join(scratch, "app");
const files = someFiles();
/** @type {string[]} */
let expected;
/** @type {import("puppeteer-core").Browser} */
let browser;

before(async () => {
  expected = commandOutputs(files, scratch);
  installApp(app);
  mkdirSync(join(app, "src"));
  writeFileSync(join(app, "src/main.js"), source);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/**
 * Both have the same lines. Equal outputs of equal inputs are one: the command writes them once.
 * @param {string[]} actual
 * @param {string[]} wanted
 */
function equal(actual, wanted) {
  const [had, want] = [new Set(actual), new Set(wanted)];
  const [more, missing] = [[...had].filter((line) => !want.has(line)), [...want].filter((line) => !had.has(line))];
  assert.deepEqual({ more, missing }, { more: [], missing: [] });
}

/**
 * The app in a folder gives the command's bytes and prints nothing.
 * @param {string} folder
 */
async function holds(folder) {
  const { outputs, seen, archives, printed, version } = await drive(browser, folder, files, { key, now });
  equal(outputs, expected);
  assert.equal(seen, files.length);
  assert.deepEqual(printed, []);
  assert.equal(version, JSON.parse(readFileSync(join(app, "node_modules/lethe-dicom/package.json"), "utf8")).version);
  assert.ok(archives.every((/** @type {number} */ size) => size > 10_000));
}

/** A folder to be served, with a page for a script. @param {string} name @param {string} script */
function folderWithPage(name, script) {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "index.html"), page(script));
  return folder;
}

test("the command made outputs to compare with", (t) => {
  t.diagnostic(`${expected.length} outputs of ${files.length} files`);
  assert.ok(expected.length > files.length * 0.8);
});

test("Vite", async () => {
  writeFileSync(join(app, "index.html"), page("/src/main.js"));
  const outDir = join(scratch, "vite");
  await vite({ root: app, logLevel: "error", configFile: false, build: { outDir } });
  await holds(outDir);
});

test("esbuild", async () => {
  const folder = folderWithPage("esbuild", "main.js");
  await esbuild({ entryPoints: [join(app, "src/main.js")], bundle: true, format: "esm", outfile: join(folder, "main.js"), logLevel: "error" });
  await holds(folder);
});

test("webpack 5", async () => {
  const folder = folderWithPage("webpack", "main.js");
  await new Promise((resolve, reject) => {
    webpack({ mode: "production", context: app, entry: "./src/main.js", output: { path: folder }, performance: false }, (error, stats) => {
      if (error || stats?.hasErrors() || stats?.hasWarnings()) reject(error ?? new Error(stats?.toString("errors-warnings")));
      else resolve(undefined);
    });
  });
  await holds(folder);
});

test("a plain page with an import map", async () => {
  const imports = { "lethe-dicom": "/node_modules/lethe-dicom/index.js" };
  const map = JSON.stringify({ imports });
  const hash = `'sha256-${createHash("sha256").update(map).digest("base64")}'`;
  writeFileSync(join(app, "index.html"), page("/src/main.js", `<script type="importmap">${map}</script>`, policy(hash)));
  await holds(app);
});

test("a Node script, by Blobs and by paths", async () => {
  writeFileSync(join(app, "script.mjs"), `
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "lethe-dicom";
const [folder, key, now, ...files] = process.argv.slice(2);
const deidentifier = await open({ key: Buffer.from(key, "hex"), now });
const outputs = [];
for await (const outcome of deidentifier.deidentifyAll(files.map((name) => ({ name, file: new Blob([readFileSync(name)]) })))) {
  if (!outcome.ok) continue;
  outputs.push(outcome.name + " " + createHash("sha256").update(Buffer.from(await outcome.blob.arrayBuffer())).digest("hex"));
  await deidentifier.deidentifyFile(outcome.source, folder + "/" + outputs.length + "/" + outcome.name);
}
console.log(JSON.stringify(outputs));
`); // it does not close: idle workers must not keep the process up
  const folder = join(scratch, "node-out");
  const outputs = JSON.parse(run(process.execPath, join(app, "script.mjs"), folder, key, now, ...files));
  equal(outputs, expected);
  const byPath = hashes(folder).map((line) => line.replace(/^\d+\//, ""));
  equal(byPath, expected);
});

test("every export of package.json is there, and nothing else is packed", () => {
  const folder = join(app, "node_modules/lethe-dicom");
  const { exports, dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  /** @param {unknown} target @returns {string[]} */
  const paths = (target) => (typeof target === "string" ? [target] : Object.values(/** @type {object} */ (target)).flatMap(paths));
  for (const path of paths(exports)) assert.ok(existsSync(join(folder, path)), path);
  assert.equal(dependencies, undefined);
  const odd = readdirSync(folder).filter((name) => !/(\.js|\.d\.ts|\.wasm|^package\.json|^settings\.schema\.json|^README\.md|^LICENSE-(MIT|APACHE|THIRD-PARTY\.txt))$/.test(name));
  assert.deepEqual(odd, []);
  assert.match(readFileSync(join(folder, "LICENSE-THIRD-PARTY.txt"), "utf8"), /^serde-wasm-bindgen \d.*\n[^]*Permission is hereby granted/m);
});

test("programs compile against the packed declarations, with either kind of resolution", () => {
  copyFileSync(fileURLToPath(new URL("../js/types/sample.ts", import.meta.url)), join(app, "sample.ts"));
  writeFileSync(join(app, "node.ts"), `
import { open } from "lethe-dicom";
export const kept: Promise<number> = open().then((d) => d.deidentifyFile("in.dcm", "out.dcm")).then(({ counts }) => counts.kept);
`);
  compile("sample.ts", { module: "esnext", moduleResolution: "bundler" });
  compile("node.ts", { module: "nodenext" });
});

/**
 * @param {string} file
 * @param {object} options
 */
function compile(file, options) {
  const config = join(app, `${file}.json`);
  const lib = ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"];
  writeFileSync(config, JSON.stringify({ compilerOptions: { noEmit: true, strict: true, target: "es2024", lib, types: [], ...options }, files: [file] }));
  run(process.execPath, join(dirname(fileURLToPath(import.meta.resolve("typescript/package.json"))), "bin/tsc"), "-p", config);
}
