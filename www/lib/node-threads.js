import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** @import { Crew } from "./pool.js" */

/**
 * Files in flight. Each is a dozen calls that four threads of Node's do for all workers: one that need not sleep until they answer
 * takes a quarter less processor time.
 */
const JOBS = 32;

/**
 * Worker threads. An idle one does not keep the process up.
 * @returns {Crew}
 */
export function nodeWorkers() {
  return {
    processors: availableParallelism(),
    jobs: JOBS,
    hire({ onMessage, onCrash }) {
      // The process's own flags (--test, --input-type) are not for the worker.
      const worker = new Worker(new URL("./node-worker.js", import.meta.url), { execArgv: [] });
      worker.on("message", onMessage);
      worker.on("messageerror", onCrash);
      worker.on("error", onCrash);
      worker.on("exit", onCrash);
      return {
        post: (message) => worker.postMessage(message),
        end: () => void worker.terminate(),
        hold: (busy) => (busy ? worker.ref() : worker.unref()),
      };
    },
    close() {},
  };
}
