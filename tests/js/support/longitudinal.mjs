import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { corpus } from "./corpus.mjs";

/**
 * An element of the top level.
 * @typedef {{ tag: number, vr: string, bytes: Buffer, value: Buffer }} Element
 */

/** Settings under which dates move; the day of processing stands in the outputs too. */
export const settings = { general: { preset: "ps3.15", profile_options: ["retain_modified_dates", "clean_descriptors"], "(0008,1040)": "set(@process_date@)" } };

/** Name, Patient ID and birth date; the last has no ID. */
const PATIENTS = [["Okonkwo^Ada", "4711-A", "19610324"], ["Quill^Ben", "4712-B", "19720801"], ["Rasmus^Cy", "", "19831130"]];
/** The days of each study, over a leap day and a turn of the year. */
const STUDIES = [["20230913", "20230914", "20230915"], ["20240228", "20240229", "20240301"], ["20241231", "20250101", "20250102"]];
const LONG = ["OB", "OW", "SQ", "UN", "UT"];
const BIRTH = 0x00100030;

/** The image that all are made of: a real one, in Explicit VR Little Endian. */
const original = readFileSync(corpus().find((path) => path.endsWith("CT_small.dcm")) ?? "");
/** Where its Data Set begins. */
const START = 144 + original.readUInt32LE(140);

/**
 * The elements of the top level, up to the Pixel Data.
 * @param {Buffer} file
 */
export function elements(file) {
  /** @type {Element[]} */
  const found = [];
  for (let at = 144 + file.readUInt32LE(140); at < file.length; ) {
    const tag = file.readUInt16LE(at) * 0x10000 + file.readUInt16LE(at + 2);
    const vr = file.toString("latin1", at + 4, at + 6);
    const header = LONG.includes(vr) ? 12 : 8;
    const length = header === 12 ? file.readUInt32LE(at + 8) : file.readUInt16LE(at + 6);
    const bytes = file.subarray(at, at + header + length);
    if (length === 0xffffffff || bytes.length < header + length) throw new Error("only elements that give their length are read");
    found.push({ tag, vr, bytes, value: bytes.subarray(header) });
    at += bytes.length;
    if (tag === 0x7fe00010) break;
  }
  return found;
}

/** @param {number} tag @param {string} vr @param {string} text @returns {Element} */
function element(tag, vr, text) {
  const value = Buffer.from(text + (text.length % 2 ? (vr === "UI" ? "\0" : " ") : ""), "latin1");
  const header = Buffer.alloc(8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, "latin1");
  header.writeUInt16LE(value.length, 6);
  return { tag, vr, bytes: Buffer.concat([header, value]), value };
}

/** @param {number} patient @param {number} study @param {number} instance */
function image(patient, study, instance) {
  const [name, id, birth] = PATIENTS[patient];
  const [day, next, last] = STUDIES[study];
  const uid = `1.2.826.0.1.3680043.9.7777.${patient}.${study}`;
  const patches = [
    element(0x00080012, "DA", day), element(0x00080018, "UI", `${uid}.3.${instance}`), element(0x00080020, "DA", day), element(0x00080021, "DA", next),
    element(0x00080022, "DA", next), element(0x00080023, "DA", last), element(0x0008002a, "DT", `${next}101530.250000+0100`),
    element(0x00100010, "PN", name), element(0x00100020, "LO", id), element(BIRTH, "DA", birth), element(0x00140102, "DA", last),
    element(0x00181200, "DA", `${day}\\${last}`), element(0x0020000d, "UI", `${uid}.1`), element(0x0020000e, "UI", `${uid}.2`), element(0x00200013, "IS", String(instance)),
  ];
  const patched = new Map([...elements(original), ...patches].map((one) => [one.tag, one]));
  const sorted = [...patched.values()].sort((a, b) => a.tag - b.tag);
  return Buffer.concat([original.subarray(0, START), ...sorted.map(({ bytes }) => bytes)]);
}

/** Three patients with three studies of two images each. */
export function images() {
  const of = (/** @type {number} */ patient, /** @type {number} */ study) => [1, 2].map((instance) => ({ patient, file: image(patient, study, instance) }));
  return PATIENTS.flatMap((_, patient) => STUDIES.flatMap((_, study) => of(patient, study)));
}

/**
 * Writes the images, named so that a walk through the folder meets them in this order or the other way round.
 * @param {string} folder
 * @param {boolean} backwards
 */
export function writeImages(folder, backwards) {
  mkdirSync(folder, { recursive: true });
  const all = images();
  return all.map(({ file }, at) => {
    const path = join(folder, `${String(backwards ? all.length - at : at).padStart(3, "0")}.dcm`);
    writeFileSync(path, file);
    return path;
  });
}

/** The dates of a file that an Option can keep, one after the other, without their times. @param {Buffer} file */
export function dates(file) {
  const moved = elements(file).filter(({ tag, vr }) => (vr === "DA" || vr === "DT") && tag !== BIRTH);
  return moved.flatMap(({ value }) => value.toString("latin1").trim().split("\\").filter(Boolean).map((text) => text.slice(0, 8)));
}

/** The day as a number. @param {string} date */
export const dayOf = (date) => Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`) / 86_400_000;
