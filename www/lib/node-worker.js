import { parentPort } from "node:worker_threads";
import { rewriter } from "./node-rewrite.js";
import { serve } from "./worker.js";

/** @import { Port } from "./worker.js" */

serve(/** @type {Port} */ (/** @type {unknown} */ (parentPort)), { rewrite: rewriter() });
