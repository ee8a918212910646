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
  const inline = (/** @type {string} */ name, /** @type {Uint8Array | string} */ content, more = "") =>
    writeFileSync(new URL(`${name}-inline.js`, folder), `export const ${name} = "${gzipSync(content).toString("base64")}";\n${more}`);
  inline("wasm", new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), 'export const sha256 = "";\n');
  inline("data", "{}");
  const read = (/** @type {string} */ file) => readFileSync(new URL(file, folder), "utf8");
  writeFileSync(new URL("worker-inline.js", folder), `export const source = ${JSON.stringify(workerText(read("engine.js"), ["drive.js", "rehearse.js", "worker.js"].map(read).join("")))};\n`);
  writeFileSync(new URL("package.json", folder), JSON.stringify({ type: "module" }));
  return /** @type {Promise<typeof import("../../../www/lib/node.js")>} */ (import(new URL("node.js", folder).href));
}

/**
 * The recipe of BUILD.md.
 * @param {string} engine
 * @param {string} worker its modules
 */
function workerText(engine, worker) {
  const lines = worker.split("\n").filter((line) => !line.startsWith("import "));
  return `${engine}\n{\n${lines.map((line) => line.replace(/^export /, "")).join("\n")}\nserve(self);\n}\n`;
}
