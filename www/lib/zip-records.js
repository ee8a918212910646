// What a ZIP archive holds beside the files (APPNOTE 6.3.10, 4.3). Files are stored, and their sums stand behind them.

/**
 * @typedef {object} Stored a file in the archive
 * @property {Uint8Array} name in UTF-8
 * @property {number} size in bytes
 * @property {number} at where in the archive it begins
 * @property {number} crc CRC-32
 */

/** Signatures of the records. */
export const [LOCAL, DESCRIPTOR, CENTRAL, END64, LOCATOR, END] = [0x04034b50, 0x08074b50, 0x02014b50, 0x06064b50, 0x07064b50, 0x06054b50];

/** 4.4.4: sizes and sums stand behind the file, its name is in UTF-8. 4.4.5: it is stored. */
const [FLAGS, METHOD] = [0x0808, 0];
/** 4.4.6: MS-DOS time is local and begins on 1 January 1980. The time of writing is nobody's business. */
const [TIME, DATE] = [0, 0x0021];
/** 4.4.2: version 4.5 of the format, attributes as on UNIX: a file that all may read. */
const [VERSION, MADE_BY, ATTRIBUTES] = [45, 0x0300 | 45, 0o100644 * 0x10000];
/** Numbers from these on stand in the ZIP64 records, and the field itself is all ones (4.4.8, 4.4.22). */
const [WIDE, MANY] = [0xffffffff, 0xffff];

/** 4.3.7. @param {Stored} file */
export const local = ({ name }) => record([4, LOCAL], [2, VERSION], [2, FLAGS], [2, METHOD], [2, TIME], [2, DATE], [4, 0], [4, 0], [4, 0], [2, name.length], [2, 0]);

/** 4.3.9: behind the file. @param {Stored} file */
export function descriptor({ size, crc }) {
  const width = size >= WIDE ? 8 : 4;
  return record([4, DESCRIPTOR], [4, crc], [width, size], [width, size]);
}

/** 4.3.12: its entry in the directory, in two parts: its name stands between them. @param {Stored} file */
export function entry({ name, size, at, crc }) {
  // 4.5.3: in this order, and only those that do not fit.
  const wide = [size, size, at].filter((number) => number >= WIDE);
  const extra = wide.length === 0 ? record() : record([2, 1], [2, 8 * wide.length], ...wide.map(eight));
  const [narrow, offset] = [size, at].map((number) => Math.min(number, WIDE));
  const fixed = record(
    [4, CENTRAL], [2, MADE_BY], [2, VERSION], [2, FLAGS], [2, METHOD], [2, TIME], [2, DATE], [4, crc], [4, narrow], [4, narrow],
    [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, ATTRIBUTES], [4, offset],
  );
  return [fixed, extra];
}

/**
 * 4.3.14 to 4.3.16: what ends the archive.
 * @param {number} count of the files
 * @param {number} at where the directory begins
 * @param {number} size of the directory
 */
export function end(count, at, size) {
  const [files, bytes, start] = [Math.min(count, MANY), Math.min(size, WIDE), Math.min(at, WIDE)];
  const last = record([4, END], [2, 0], [2, 0], [2, files], [2, files], [4, bytes], [4, start], [2, 0]);
  if (files < MANY && bytes < WIDE && start < WIDE) return [last];
  const end64 = record([4, END64], [8, 44], [2, MADE_BY], [2, VERSION], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, at]);
  return [end64, record([4, LOCATOR], [4, 0], [8, at + size], [4, 1]), last];
}

/** @param {number} number @returns {[8, number]} */
const eight = (number) => [8, number];

/**
 * Numbers one behind the other, the lowest byte first.
 * @param {[bytes: 2 | 4 | 8, value: number][]} fields
 */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}
