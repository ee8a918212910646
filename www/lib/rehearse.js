/** The header of a CT slice of nobody: what most files have, as tag, VR and value. */
const HEADER = `
00080005CSISO_IR 100
00080008CSORIGINAL\\PRIMARY\\AXIAL
00080016UI1.2.840.10008.5.1.4.1.1.2
00080018UI1.2.3.1
00080020DA20200102
00080022DA20200102
00080030TM101112.13
00080032TM101112.13
00080050SH1
00080060CSCT
00080070LOA B
00080080LOA B
00080090PNA^B
00081010SHA
00081030LOCHEST
0008103ELOCHEST 5MM
00100010PNA^B
00100020LO1
00100030DA19500102
00100040CSO
00101010AS070Y
00101030DS70.5
00180015CSCHEST
00180050DS5.0
00180060DS120
00181020LO1
00181030LOCHEST
00185100CSHFS
0020000DUI1.2.3.2
0020000EUI1.2.3.3
00200010SH1
00200011IS1
00200012IS1
00200013IS1
00200032DS0\\0\\0.5
00200037DS1\\0\\0\\0\\1\\0
00200052UI1.2.3.4
00201041DS0.5
00280002US\u0001\0
00280004CSMONOCHROME2
00280010US\u0008\0
00280011US\u0008\0
00280030DS0.5\\0.5
00280100US\u0010\0
00280101US\u000C\0
00280102US\u000B\0
00280103US\0\0
00281050DS40
00281051DS400
00281052DS-1024
00281053DS1
00290010LOA
00291001LOA
7FE00010OW${"\0".repeat(128)}`;

/**
 * Has a file de-identified as most are. Engines of JavaScript compile each function at its first call, which is most of the
 * time that the first file takes; so a worker does it while nobody waits.
 * @template T
 * @param {(file: Blob) => T} deidentify
 */
export const rehearse = (deidentify) => deidentify(new Blob([bytes()]));

/** The file: PS3.10 7.1 with as little File Meta Information as it can have, and a Data Set in Explicit VR Little Endian. */
function bytes() {
  const meta = element("00020010UI1.2.840.10008.1.2.1");
  const dataSet = HEADER.trimStart().split("\n").map(element).join("");
  const text = `${"\0".repeat(128)}DICM${element(`00020000UL${character(meta.length)}\0\0`)}${meta}${dataSet}`;
  return Uint8Array.from(text, (one) => one.charCodeAt(0));
}

/** PS3.5 7.1.2, one character for each byte. @param {string} line */
function element(line) {
  const [group, number, vr, value] = [line.slice(0, 4), line.slice(4, 8), line.slice(8, 10), line.slice(10)];
  const even = value.length % 2 === 0 ? value : value + (vr === "UI" ? "\0" : " ");
  const length = character(even.length);
  return character(parseInt(group, 16)) + character(parseInt(number, 16)) + vr + (vr === "OW" ? `\0\0${length}\0\0` : length) + even;
}

/** A number of 16 bits as two characters. @param {number} number */
const character = (number) => String.fromCharCode(number & 255, number >> 8);
