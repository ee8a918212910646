import { source } from "./worker-inline.js";

/** @import { Crew } from "./pool.js" */

/** @type {{ createScriptURL(url: string): unknown } | undefined} */
let policy;

/**
 * Workers from a blob: URL. Only such a worker inherits the page's CSP: one loaded from a URL could make requests that
 * the page's `connect-src 'none'` forbids.
 * @returns {Crew}
 */
export function webWorkers() {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return {
    processors: navigator.hardwareConcurrency,
    hire({ onMessage, onCrash }) {
      const worker = new Worker(trusted(url), { type: "module" });
      worker.addEventListener("message", ({ data }) => onMessage(data));
      worker.addEventListener("messageerror", onCrash);
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        onCrash();
      });
      return { post: (message) => worker.postMessage(message), end: () => worker.terminate(), hold() {} };
    },
    close: () => URL.revokeObjectURL(url),
  };
}

/**
 * The URL as Trusted Types want it. A page's CSP can allow a policy's name once, so it is made once.
 * @param {string} url
 */
function trusted(url) {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  if (!types) return url;
  policy ??= types.createPolicy("lethe", { createScriptURL: blobOnly });
  return /** @type {string} */ (policy?.createScriptURL(url));
}

/** @param {string} url */
function blobOnly(url) {
  if (!url.startsWith("blob:")) throw new TypeError("only blob: URLs become scripts");
  return url;
}
