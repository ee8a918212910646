/** Bytes that are taken at once. */
const STEP = 8;

/**
 * Remainders for the polynomial of ISO 3309, lowest bit first: in the first table of each byte, in every other of the same
 * byte with one more zero byte behind it.
 */
const TABLES = tables();

function tables() {
  const all = [Uint32Array.from({ length: 256 }, (_, byte) => rest(byte))];
  while (all.length < STEP) all.push(all[all.length - 1].map((remainder) => (remainder >>> 8) ^ all[0][remainder & 0xff]));
  return all;
}

/** @param {number} byte */
function rest(byte) {
  for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (byte & 1 ? 0xedb88320 : 0);
  return byte;
}

/**
 * CRC-32 of bytes, or of what `crc` is of and these after it. Eight bytes at a time, four times as fast as one by one.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes, crc = 0) {
  const [a, b, c, d, e, f, g, h] = TABLES;
  let rest = ~crc;
  let at = 0;
  for (const end = bytes.length - STEP; at <= end; at += STEP) {
    rest =
      h[(rest ^ bytes[at]) & 0xff] ^ g[((rest >>> 8) ^ bytes[at + 1]) & 0xff] ^ f[((rest >>> 16) ^ bytes[at + 2]) & 0xff] ^ e[(rest >>> 24) ^ bytes[at + 3]] ^
      d[bytes[at + 4]] ^ c[bytes[at + 5]] ^ b[bytes[at + 6]] ^ a[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) rest = (rest >>> 8) ^ a[(rest ^ bytes[at]) & 0xff];
  return ~rest >>> 0;
}
