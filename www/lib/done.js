import { until } from "./iterate.js";
import { distinct } from "./names.js";

/** @import { Outcome, SinkOptions } from "./types.js" */

/**
 * What the sinks write: the files that are done, each under a name of its own. Progress is told when the sink comes
 * back for the next one.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} options
 */
export async function* done(outcomes, { signal, onProgress }) {
  const named = distinct();
  const progress = { files: 0, bytes: 0 };
  for await (const outcome of until(outcomes, signal)) {
    if (!outcome.ok) continue;
    yield { name: named(outcome.name), blob: outcome.blob };
    progress.files += 1;
    progress.bytes += outcome.blob.size;
    onProgress?.({ ...progress });
  }
}
