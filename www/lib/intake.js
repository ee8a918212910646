import { DicomError } from "./errors.js";
import { isArchive, unzip } from "./unzip.js";

/** @import { Item } from "./types.js" */

/** @typedef {AsyncGenerator<Item, void, undefined>} Items */

/**
 * The files of a drop, a picker, a folder handle, or a single file; ZIP archives are opened. A drop's entries are gone
 * when its handler returns, so they are taken now; everything else is read when asked for.
 * @param {DataTransfer | FileList | readonly File[] | FileSystemDirectoryHandle | Blob} source
 * @returns {Items}
 */
export function intake(source) {
  if (source instanceof Blob) return opened(blobName(source), source);
  if ("items" in source) return ofDrop(taken(source));
  if ("getDirectoryHandle" in source) return ofFolder(source, "");
  return ofFiles([...source]);
}

/**
 * The entries of a drop; a file for what has none (an image dragged from a page).
 * @param {DataTransfer} drop
 */
function taken(drop) {
  const files = [...drop.items].filter(({ kind }) => kind === "file");
  return files.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
}

/** @param {(FileSystemEntry | File | null)[]} entries @returns {Items} */
async function* ofDrop(entries) {
  for (const entry of entries) {
    if (entry instanceof Blob) yield* opened(blobName(entry), entry);
    else if (entry) yield* ofEntry(entry);
  }
}

/** @param {FileSystemEntry} entry @returns {Items} */
async function* ofEntry(entry) {
  const name = entry.fullPath.replace(/^\//, "");
  try {
    if (isFolderEntry(entry)) for await (const child of children(entry)) yield* ofEntry(child);
    else if (isFileEntry(entry)) yield* opened(name, await new Promise((resolve, reject) => entry.file(resolve, reject)));
  } catch {
    yield unreadable(name);
  }
}

/**
 * A folder's entries. The reader gives them in batches (Chromium: 100), an empty one at the end.
 * @param {FileSystemDirectoryEntry} folder
 */
async function* children(folder) {
  const reader = folder.createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    yield* batch;
  }
}

/** @param {FileSystemDirectoryHandle} folder @param {string} path @returns {Items} */
async function* ofFolder(folder, path) {
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === "directory") yield* ofFolder(handle, `${path}${name}/`);
    else yield* ofHandle(handle, path + name);
  }
}

/** @param {FileSystemFileHandle} handle @param {string} name @returns {Items} */
async function* ofHandle(handle, name) {
  const file = await handle.getFile().catch(() => undefined);
  if (file) yield* opened(name, file);
  else yield unreadable(name);
}

/** @param {readonly File[]} files @returns {Items} */
async function* ofFiles(files) {
  for (const file of files) yield* opened(blobName(file), file);
}

/**
 * The file, or what is in it when it is an archive.
 * @param {string} name
 * @param {Blob} file
 * @returns {Items}
 */
async function* opened(name, file) {
  if (await isArchive(name, file)) yield* unzip(name, file);
  else yield { name, file };
}

/** @param {Blob} file */
function blobName(file) {
  if (!("name" in file)) return "";
  const { name, webkitRelativePath } = /** @type {File} */ (file);
  return webkitRelativePath || name;
}

/** @param {string} name @returns {Item} */
function unreadable(name) {
  return { name, error: new DicomError({ code: "read", message: "the file or folder cannot be read" }) };
}

/** @param {FileSystemEntry} entry @returns {entry is FileSystemDirectoryEntry} */
const isFolderEntry = (entry) => entry.isDirectory;
/** @param {FileSystemEntry} entry @returns {entry is FileSystemFileEntry} */
const isFileEntry = (entry) => entry.isFile;
