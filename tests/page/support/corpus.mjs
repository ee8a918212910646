import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ROOT } from "./setup.mjs";

/** Real files, by name: native in all byte orders, deflated, and every family of compression. */
const NAMES = `
  CT_small.dcm MR_small.dcm MR_small_implicit.dcm MR_small_bigendian.dcm MR_small_RLE.dcm MR_small_jp2klossless.dcm MR_small_jpeg_ls_lossless.dcm
  MR_small_padded.dcm ExplVR_BigEnd.dcm JPEG2000.dcm JPEGLSNearLossless_16.dcm JPGExtended.dcm SC_rgb_jpeg.dcm SC_rgb_jpeg_gdcm.dcm SC_rgb_rle_2frame.dcm
  SC_rgb_small_odd_jpeg.dcm UN_sequence.dcm nested_priv_SQ.dcm priv_SQ.dcm reportsi.dcm rtdose.dcm rtplan.dcm rtstruct.dcm test-SR.dcm
  waveform_ecg.dcm examples_ybr_color.dcm examples_palette.dcm examples_overlay.dcm liver_expb_1frame.dcm no_meta_group_length.dcm badVR.dcm
  J2K_pixelrep_mismatch.dcm GDCMJ2K_TextGBR.dcm CT_small_deflated.dcm image_dfl.dcm liver_deflate.dcm HTJ2KLossless_08_RGB.dcm JPEG-LL.dcm
  JPGLosslessP14SV1_1s_1f_8b.dcm emri_small.dcm MR2_J2KI.dcm sr_document_with_multiple_groups.dcm seg_image_ct_binary_overlap.dcm
  chrGreek.dcm chrH31.dcm chrX1.dcm ctbrain1.dcm image1.dcm parametric_map_float.dcm JLSL_RGB_ILV0.dcm OBXXXX1A.dcm
  693_UNCR.dcm rle.dcm jpeg_ls.dcm explicit_big.dcm implicit_little.dcm jpeg_lossless_sel1.dcm MR_small_expb.dcm liver_1frame.dcm`.trim().split(/\s+/);

/** At least so many of them must be there. */
const FLOOR = 30;

/** @type {Map<string, string> | undefined} */
let index;

/** The path of a corpus file. @param {string} name @returns {string | undefined} */
function find(name) {
  index ??= new Map(walk(corpus()).reverse().map((path) => [basename(path), path]));
  return index.get(name);
}

function corpus() {
  const found = [process.env.CORPUS, join(ROOT, "../shared/corpus"), join(ROOT, "target/corpus")].find((path) => path && existsSync(path));
  if (!found) throw new Error("no corpus: run `cargo xtask corpus`");
  return found;
}

/** @param {string} folder @returns {string[]} */
export function walk(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** The path of the first of these corpus files that is there; one must be. @param {string[]} names */
export function one(...names) {
  const path = names.map(find).find((found) => found !== undefined);
  if (!path) throw new Error(`${names.join(", ")}: not in the corpus`);
  return path;
}

/** The corpus files of the list. */
export function many() {
  const found = NAMES.map(find).filter((path) => path !== undefined);
  if (found.length < FLOOR) throw new Error(`only ${found.length} of ${FLOOR} files are in the corpus`);
  return found;
}

/** A name that would do harm if it were taken as markup. */
export const MARKUP = "<img src=x onerror=document.title='harm'><b>bold.dcm";

/**
 * A folder to drop: the corpus files in two levels of folders, one with a name that looks like markup, one cut short,
 * one that is no DICOM.
 */
export function makeFolder() {
  const top = mkdtempSync(join(tmpdir(), "lethe-drop-"));
  const folder = join(top, "Study of Jane Doe");
  const files = many();
  files.forEach((path, at) => {
    const place = join(folder, `series ${at % 3}`, at % 2 ? "deeper" : ".");
    mkdirSync(place, { recursive: true });
    copyFileSync(path, join(place, basename(path)));
  });
  const ct = readFileSync(one("CT_small.dcm"));
  writeFileSync(join(folder, MARKUP), ct);
  writeFileSync(join(folder, "cut short.dcm"), ct.subarray(0, 20_000));
  writeFileSync(join(folder, "notes.txt"), "Jane Doe, room 7");
  return { folder, total: files.length + 3, clean: files.length + 1, remove: () => rmSync(top, { recursive: true, force: true }) };
}
