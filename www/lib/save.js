/** How long a browser may take to begin reading what it downloads, in milliseconds. */
const GRACE = 60_000;

/**
 * Offers a file or an archive as a download.
 * @param {Blob | ReadableStream<Uint8Array>} data
 * @param {string} name its last part is what the download is called
 */
export async function save(data, name) {
  const blob = data instanceof Blob ? data : await new Response(data).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.slice(name.lastIndexOf("/") + 1);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), GRACE);
}
