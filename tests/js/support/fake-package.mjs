import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const root = new URL("../../../", import.meta.url);

/**
 * The package with a module in place of the engine, put together as www/lib/BUILD.md says. Each caller names its own
 * folder: test files run side by side.
 * @param {string} name
 * @param {string} [engine]
 */
export async function fakePackage(name, engine = "tests/js/fake/engine.js") {
  const folder = new URL(`target/fake-npm/${name}/`, root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(new URL("www/lib/", root), folder, { recursive: true });
  cpSync(new URL(engine, root), new URL("engine.js", folder));
  for (const name of ["settings.js", "deflate.js"]) cpSync(new URL(`tests/js/fake/${name}`, root), new URL(name, folder));
  const inline = (/** @type {string} */ name, /** @type {string} */ constant, /** @type {Uint8Array | string} */ content, more = "") =>
    writeFileSync(new URL(`${name}-inline.js`, folder), `export const ${constant} = "${gzipSync(content).toString("base64")}";\n${more}`);
  const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  inline("wasm", "wasm", wasm, "export const sums = {};\n");
  inline("settings", "wasm", wasm);
  inline("deflate", "wasm", wasm);
  inline("data", "data", "{}");
  const read = (/** @type {string} */ file) => readFileSync(new URL(file, folder), "utf8");
  const modules = ["drive.js", "gather.js", "rehearse.js", "worker.js"].map(read).join("");
  writeFileSync(new URL("worker-inline.js", folder), `export const source = ${JSON.stringify(workerText(read("engine.js"), read("deflate.js"), modules))};\n`);
  writeFileSync(new URL("package.json", folder), JSON.stringify({ type: "module" }));
  return /** @type {Promise<typeof import("../../../www/lib/node.js")>} */ (import(new URL("node.js", folder).href));
}

/**
 * The recipe of BUILD.md.
 * @param {string} engine
 * @param {string} deflate
 * @param {string} worker its modules
 */
function workerText(engine, deflate, worker) {
  const body = (/** @type {string} */ text) => text.split("\n").filter((line) => !/^(import |export \{)/.test(line)).map((line) => line.replace(/^export /, "")).join("\n");
  const streams = `const deflate = (() => {\n${body(deflate)}\nreturn { initSync, Stream };\n})();`;
  return `${engine}\n{\n${streams}\n${body(worker)}\nserve(self);\n}\n`;
}
