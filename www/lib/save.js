/** How long a browser may take to begin reading what it downloads, in milliseconds. */
const GRACE = 60_000;

/** As much of a stream is held as bytes before it becomes a Blob, which browsers keep on disk when there is much. */
const PIECE = 16 * 1024 ** 2;

/**
 * Offers a file or an archive as a download.
 * @param {Blob | ReadableStream<Uint8Array>} data
 * @param {string} name its last part is what the download is called
 */
export async function save(data, name) {
  const blob = data instanceof Blob ? data : await collected(data);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.slice(name.lastIndexOf("/") + 1);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), GRACE);
}

/**
 * A stream as a Blob. (Firefox writes to the console when a stream fails that `Response.blob()` reads.)
 * @param {ReadableStream<Uint8Array>} stream
 */
async function collected(stream) {
  const reader = stream.getReader();
  /** @type {Blob[]} */
  const pieces = [];
  /** @type {BlobPart[]} */
  let held = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      held.push(/** @type {Uint8Array<ArrayBuffer>} */ (value));
      size += value.length;
    }
    if (done || size >= PIECE) {
      pieces.push(new Blob(held));
      held = [];
      size = 0;
    }
    if (done) return new Blob(pieces);
  }
}
