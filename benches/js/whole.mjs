// What a user of the npm package writes for a folder. `whole.mjs PACKAGE IN OUT`
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const [npm, from, to] = process.argv.slice(2);
const { open } = await import(join(npm, "node.js"));
const { rewriteAll } = await import("./lanes.mjs");

const deidentifier = await open({ key: new Uint8Array(32) });
await rewriteAll(deidentifier, from, to, await readdir(from));
await deidentifier.close();
