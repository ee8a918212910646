// Writes an archive of N files of one byte to a path: `node write-zip.mjs N PATH`. In a process of its own, because the
// test runner follows every promise and makes ten seconds of one.
import { writeFileSync } from "node:fs";
import { zip } from "../../../www/lib/zip.js";
import { done } from "./outcomes.mjs";

const [count, path] = process.argv.slice(2);
const blob = new Blob(["x"]);
const outcomes = Array.from({ length: Number(count) }, (_, i) => done(`${i}.dcm`, blob));
writeFileSync(path, new Uint8Array(await new Response(zip(outcomes)).arrayBuffer()));
