/** @param {number} tag @param {string} vr @param {string | Buffer} value */
function element(tag, vr, value) {
  const bytes = Buffer.from(value);
  const padded = Buffer.concat([bytes, Buffer.from(bytes.length % 2 ? (vr === "UI" ? "\0" : " ") : "")]);
  const long = vr === "OB" || vr === "OW";
  const header = Buffer.alloc(long ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, "latin1");
  if (long) header.writeUInt32LE(padded.length, 8);
  else header.writeUInt16LE(padded.length, 6);
  return Buffer.concat([header, padded]);
}

/**
 * A small image of a patient, Explicit VR Little Endian, in UTF-8.
 * @param {string} patient
 * @param {number} number of the instance
 * @param {number} [pixels] bytes
 */
export function image(patient, number, pixels = 128) {
  const [sopClass, instance] = ["1.2.840.10008.5.1.4.1.1.2", `1.2.826.0.1.3680043.9.7777.2.${number}`];
  const meta = Buffer.concat([element(0x00020001, "OB", "\0\x01"), element(0x00020002, "UI", sopClass), element(0x00020003, "UI", instance), element(0x00020010, "UI", "1.2.840.10008.1.2.1")]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from("DICM"), element(0x00020000, "UL", length), meta,
    element(0x00080005, "CS", "ISO_IR 192"), element(0x00080016, "UI", sopClass), element(0x00080018, "UI", instance), element(0x00080060, "CS", "CT"),
    element(0x00100010, "PN", patient), element(0x00100020, "LO", `ID-${number}`), element(0x0020000d, "UI", "1.2.826.0.1.3680043.9.7777.2"), element(0x0020000e, "UI", "1.2.826.0.1.3680043.9.7777.2.0"),
    element(0x7fe00010, "OW", Buffer.alloc(pixels, number)),
  ]);
}
