import { CENTRAL, END, END64, LOCAL, LOCATOR } from "./zip-records.js";

/**
 * A file in a ZIP archive, as its central directory describes it.
 * @typedef {object} Entry
 * @property {string} name
 * @property {boolean} encrypted
 * @property {number} method 0 stored, 8 deflated
 * @property {number} crc
 * @property {number} packed bytes in the archive
 * @property {number} size bytes of the file
 * @property {number} header offset of its local file header
 */

/** APPNOTE 4.3.7 to 4.3.16: lengths without the parts of variable length. */
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES, END64_BYTES, LOCATOR_BYTES] = [30, 46, 22, 56, 20];

/**
 * The entries of an archive. Throws where it is damaged; offsets and lengths are not trusted.
 * @param {Blob} archive
 * @returns {Promise<Entry[]>}
 */
export async function directory(archive) {
  const { offset, size } = await place(archive);
  const view = await read(archive, offset, size);
  const entries = [];
  for (let at = 0; at < size; ) {
    expect(at + CENTRAL_BYTES <= size && view.getUint32(at, true) === CENTRAL);
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const end = at + CENTRAL_BYTES + name + extra + comment;
    expect(end <= size);
    entries.push(entry(view, at, name, extra));
    at = end;
  }
  return entries;
}

/**
 * Where an entry's bytes are in the archive.
 * @param {Blob} archive
 * @param {Entry} entry
 */
export async function packedBytes(archive, { header, packed }) {
  const view = await read(archive, header, LOCAL_BYTES);
  expect(view.getUint32(0, true) === LOCAL);
  const start = header + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  expect(start + packed <= archive.size);
  return archive.slice(start, start + packed);
}

/**
 * Where the central directory is: the end record says it, or (4.3.14) its ZIP64 form, which a locator before it points to.
 * @param {Blob} archive
 */
async function place(archive) {
  const start = Math.max(0, archive.size - END_BYTES - 0xffff);
  const tail = await read(archive, start, archive.size - start);
  const end = endRecord(tail);
  const locator = start + end - LOCATOR_BYTES;
  if (locator >= 0) {
    const view = await read(archive, locator, LOCATOR_BYTES);
    if (view.getUint32(0, true) === LOCATOR) return place64(archive, uint64(view, 8));
  }
  return { size: tail.getUint32(end + 12, true), offset: tail.getUint32(end + 16, true) };
}

/** @param {Blob} archive @param {number} at */
async function place64(archive, at) {
  const view = await read(archive, at, END64_BYTES);
  expect(view.getUint32(0, true) === END64);
  return { size: uint64(view, 40), offset: uint64(view, 48) };
}

/**
 * The end record's offset: the last one whose comment reaches to the end.
 * @param {DataView} tail
 */
function endRecord(tail) {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--)
    if (tail.getUint32(at, true) === END && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  throw damaged();
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} nameBytes
 * @param {number} extraBytes
 * @returns {Entry}
 */
function entry(view, at, nameBytes, extraBytes) {
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + CENTRAL_BYTES, nameBytes));
  const wide = zip64(view, at + CENTRAL_BYTES + nameBytes, extraBytes);
  // 4.5.3: the extra field has those of these that are all ones, in this order.
  const [size, packed, header] = [24, 20, 42].map((field) => {
    const value = view.getUint32(at + field, true);
    return value === 0xffffffff ? wide() : value;
  });
  const encrypted = (view.getUint16(at + 8, true) & 1) === 1;
  return { name, encrypted, method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), packed, size, header };
}

/**
 * Takes one after the other the numbers of the ZIP64 extra field, which must be there when it is called.
 * @param {DataView} view
 * @param {number} at
 * @param {number} bytes of all extra fields
 */
function zip64(view, at, bytes) {
  const end = at + bytes;
  let field = at;
  while (field + 4 <= end && view.getUint16(field, true) !== 1) field += 4 + view.getUint16(field + 2, true);
  let next = field + 4;
  return () => {
    expect(next + 8 <= end);
    next += 8;
    return uint64(view, next - 8);
  };
}

/** @param {DataView} view @param {number} at */
function uint64(view, at) {
  const value = view.getBigUint64(at, true);
  expect(value <= Number.MAX_SAFE_INTEGER);
  return Number(value);
}

/** @param {Blob} archive @param {number} at @param {number} length */
async function read(archive, at, length) {
  expect(at + length <= archive.size);
  return new DataView(await archive.slice(at, at + length).arrayBuffer());
}

/** @param {boolean} condition */
function expect(condition) {
  if (!condition) throw damaged();
}

const damaged = () => new RangeError("the ZIP archive is damaged");
