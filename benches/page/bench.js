// The page of the benchmark: the npm package, and the same package with the identity pipe's engine, over chosen files.
import * as lethe from "./lethe/index.js";
import * as identity from "./identity/index.js";

const packages = { lethe, identity };
const opened = {};
const chosen = () => [...document.getElementById("files").files];
const outcomes = (name) => opened[name].deidentifyAll(chosen().map((file) => ({ name: file.name, file })));

/** A gigabyte in one piece is more about the machine's memory than about what is read. */
const LARGE = 64 << 20;
const read = async (blob) => (blob.size > LARGE ? drain(blob.stream()) : (await blob.arrayBuffer()).byteLength);

async function drain(stream) {
  let bytes = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.length;
  }
}

async function timed(work) {
  const begun = performance.now();
  const bytes = await work();
  return { wall: performance.now() - begun, bytes };
}

globalThis.bench = {
  async open(name, settings) {
    await opened[name]?.close();
    opened[name] = await packages[name].open({ ...settings, key: new Uint8Array(32) });
  },

  /** All chosen files; outputs are weighed, or read. */
  run: (name, reads) => timed(async () => {
    let bytes = 0;
    for await (const outcome of outcomes(name)) {
      if (!outcome.ok) throw new Error(`refused: ${outcome.error.code}`);
      bytes += reads ? await read(outcome.blob) : outcome.blob.size;
    }
    return bytes;
  }),

  /** One file, from the call to the description of its output. */
  first: (name) => timed(async () => (await opened[name].deidentify(chosen()[0])).blob.size),

  /** Outputs that are there already: reading them one after the other, as a ZIP and as a TAR. */
  async saving() {
    const all = [];
    for await (const outcome of outcomes("lethe")) all.push(outcome);
    const plain = await timed(async () => drain(new Blob(all.map(({ blob }) => blob)).stream()));
    const zip = await timed(() => drain(lethe.zip(all)));
    const tar = await timed(async () => drain((await lethe.tar(all)).stream()));
    const unread = await timed(async () => (await lethe.tar(all)).size);
    return { plain: plain.wall, zip: zip.wall, tar: tar.wall, unread: unread.wall };
  },

  /** A start on this thread: the module out of bytes that are there, the settings, and the first file, all in memory. */
  async cold(rehearsed) {
    const [{ wasm }, { data }, { blobOf, Engine, handOver, initSync }, compiler, { tasks }, { rehearse }] = await Promise.all(["wasm-inline", "data-inline", "engine", "settings-module", "worker", "rehearse"].map((name) => import(`./cold/${name}.js`)));
    const [bytes, settings] = await Promise.all([wasm, compiler.wasm].map((text) => new Response(unpack(text)).arrayBuffer()));
    const texts = await new Response(unpack(data)).json();
    const file = new Blob([await chosen()[0].arrayBuffer()]);
    const { signal } = new AbortController();
    const begun = performance.now();
    const { memory } = initSync({ module: await WebAssembly.compile(bytes) });
    const ready = performance.now();
    compiler.initSync({ module: await WebAssembly.compile(settings) });
    for (const [name, text] of Object.entries(texts)) for (const take of [handOver, compiler.handOver]) take(name, text);
    const engine = new Engine({ plan: new compiler.Compiled({ config: [] }).plan(), key: new Uint8Array(32), now: "20260102030405000" });
    const set = performance.now();
    if (rehearsed) await rehearse((file) => tasks.deidentify(engine, { file }, signal));
    const prepared = performance.now();
    blobOf(file, (await tasks.deidentify(engine, { file }, signal))[0]);
    const first = performance.now();
    // The next of the chosen files shows how far the memory grows.
    if (chosen()[1]) await tasks.deidentify(engine, { file: chosen()[1] }, signal);
    return { ready: ready - begun, settings: set - ready, first: first - prepared, memory: memory.buffer.byteLength };
  },
};

function unpack(base64) {
  const zipped = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  return new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
}

performance.mark("bench-ready");
