/** Remainders of all bytes for the polynomial of ISO 3309, lowest bit first. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  return rest;
});

/**
 * CRC-32 of bytes, or of what `crc` is of and these after it.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes, crc = 0) {
  let rest = ~crc;
  for (const byte of bytes) rest = (rest >>> 8) ^ TABLE[(rest ^ byte) & 0xff];
  return ~rest >>> 0;
}
