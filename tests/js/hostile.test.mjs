// The malformed files of tests/hostile_files, in the wasm: each ends within a time and a memory, and as it ends natively.
// It needs `cargo xtask pack`, and `cargo run --example test-files --all-features -- hostile target/hostile`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

const folder = new URL("../../target/hostile/", import.meta.url);
const npm = new URL("../../target/npm/", import.meta.url);

/** @type {typeof import("../../www/lib/engine.js")} */
const { Engine, handOver, initSync, provide } = await import(new URL("engine.js", npm).href);
/** @type {typeof import("../../www/lib/settings.js")} */
const compiler = await import(new URL("settings.js", npm).href);
const wasm = (/** @type {string} */ name) => ({ module: new WebAssembly.Module(readFileSync(new URL(`${name}_bg.wasm`, npm))) });
const { memory } = /** @type {{ memory: WebAssembly.Memory }} */ (initSync(wasm("engine")));
compiler.initSync(wasm("settings"));
/** @type {typeof import("../../www/lib/deflate.js")} */
const deflate = await import(new URL("deflate.js", npm).href);
const streams = /** @type {{ memory: WebAssembly.Memory }} */ (deflate.initSync(wasm("deflate"))).memory;
const { data } = await import(new URL("data-inline.js", npm).href);
for (const [name, text] of Object.entries(JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString()))) for (const take of [handOver, compiler.handOver]) take(name, text);
const engine = new Engine({ plan: new compiler.Compiled({ config: [] }).plan(), key: new Uint8Array(32).fill(7), now: "20260517101530123" });

const WINDOW = 64 * 1024;
const MOST_SECONDS = 2;
const MOST_MEMORY = 64 * 1024 ** 2;
const MOST_COPIES = 6;
const MOST_STREAMS = 4 * 1024 ** 2;
const FLOOR = 320;

const files = readFileSync(new URL("files.tsv", folder), "utf8").trimEnd().split("\n").map((line) => {
  const [number, header, name, native] = line.split("\t");
  return { number, header: Number(header), name, native };
});

/** The bytes of the output, or the code of the refusal. @param {Uint8Array} file */
function drive(file) {
  const session = engine.session(file.length);
  let size = 0;
  try {
    for (let [at] = session.want(); at !== undefined; [at] = session.want()) {
      session.feed(at, file.subarray(at, at + WINDOW));
      size += session.take().length;
    }
    const [parts, told] = session.finish();
    const { report } = JSON.parse(told);
    for (const part of parts) size += part instanceof Uint8Array ? part.length : part[1] - part[0];
    assert.equal(report.outputBytes, size);
    return String(size);
  } catch (thrown) {
    const { code } = /** @type {any} */ (thrown);
    if (typeof code !== "string" || thrown instanceof Error) throw thrown;
    return code;
  } finally {
    session.free();
  }
}

/** What this process has been given, which a busy machine does not change. */
const spent = () => Object.values(process.cpuUsage()).reduce((sum, time) => sum + time, 0) / 1e6;

test("without what inflates, deflated files are refused", () => {
  const refused = files.filter(({ number }) => drive(readFileSync(new URL(number, folder))) === "internal");
  assert.ok(refused.length > 0 && refused.length < files.length, `${refused.length}`);
});

test("malformed files end in the wasm as they do natively, within a time and a memory", (t) => {
  const [before, streamsBefore] = [memory, streams].map(({ buffer }) => buffer.byteLength);
  let slowest = 0;
  provide(deflate.Stream);
  // Memory of wasm never shrinks: the files with the largest allowance come last.
  for (const { number, header, name, native } of [...files].sort((a, b) => a.header - b.header)) {
    const file = readFileSync(new URL(number, folder));
    const start = spent();
    assert.equal(drive(file), native, name);
    const seconds = spent() - start;
    slowest = Math.max(slowest, seconds);
    assert.ok(seconds <= MOST_SECONDS, `${name}: ${seconds} s`);
    const grown = memory.buffer.byteLength - before;
    assert.ok(grown <= MOST_MEMORY + MOST_COPIES * header, `${name}: ${grown} bytes`);
    // It holds windows and tables, and nothing that grows with a file, whatever that inflates to.
    const streamed = streams.buffer.byteLength - streamsBefore;
    assert.ok(streamed <= MOST_STREAMS, `${name}: ${streamed} bytes where it is inflated`);
  }
  t.diagnostic(`inputs ${files.length}`);
  t.diagnostic(`the slowest took ${slowest.toFixed(1)} s; the memory grew by ${(memory.buffer.byteLength - before) >> 20} MiB`);
  assert.ok(files.length >= FLOOR, `${files.length} files`);
});

test("new bytes are the same, whether there is room for them or not", () => {
  let into = 0;
  for (const { number } of files.filter(({ native, header }) => /^\d+$/.test(native) && header < 1e6).slice(0, 60)) {
    const file = readFileSync(new URL(number, folder));
    const outputs = [undefined, 0, 100, 2000, 1 << 20].map((size) => {
      const room = size === undefined ? undefined : new Uint8Array(size).fill(0xee);
      const session = engine.session(file.length);
      /** @type {Uint8Array[]} */
      const all = [];
      for (let [at] = session.want(); at !== undefined; [at] = session.want()) {
        session.feed(at, file.subarray(at, at + WINDOW));
        all.push(session.take());
      }
      for (const part of session.finish(room)[0]) {
        if (part instanceof Uint8Array && part.buffer === room?.buffer) into++;
        all.push(part instanceof Uint8Array ? part : file.subarray(...part));
      }
      session.free();
      return Buffer.concat(all).toString("hex");
    });
    assert.deepEqual(new Set(outputs).size, 1, number);
  }
  assert.ok(into > 20, `${into}`);
});
