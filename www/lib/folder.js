import { done } from "./done.js";
import { inLanes } from "./iterate.js";

/** @import { Outcome, SinkOptions } from "./types.js" */

/** Files written at the same time: opening and closing one takes longer than its bytes. */
const AT_ONCE = 4;

/**
 * Writes the files that are done into a folder, some at a time; each becomes visible when it is whole.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {FileSystemDirectoryHandle} handle
 * @param {SinkOptions} [options]
 */
export async function folder(outcomes, handle, { signal, onProgress } = {}) {
  const progress = { files: 0, bytes: 0 };
  await inLanes(done(outcomes, { signal }), AT_ONCE, async ({ name, blob }) => {
    const path = name.split("/");
    const file = /** @type {string} */ (path.pop());
    await write(await parent(handle, path), file, blob, signal);
    progress.files += 1;
    progress.bytes += blob.size;
    onProgress?.({ ...progress });
  });
}

/** @param {FileSystemDirectoryHandle} root @param {string[]} path */
async function parent(root, path) {
  let handle = root;
  for (const name of path) handle = await handle.getDirectoryHandle(name, { create: true });
  return handle;
}

/**
 * A handle to a new file makes an empty one, and its writer replaces it on close: what fails before that is taken away,
 * unless it was there before.
 * @param {FileSystemDirectoryHandle} parent
 * @param {string} name
 * @param {Blob} blob
 * @param {AbortSignal} [signal]
 */
async function write(parent, name, blob, signal) {
  const existed = await parent.getFileHandle(name).then(() => true, () => false);
  try {
    const handle = await parent.getFileHandle(name, { create: true });
    await blob.stream().pipeTo(await handle.createWritable(), { signal });
  } catch (error) {
    if (!existed) await parent.removeEntry(name).catch(() => {});
    throw error;
  }
}
