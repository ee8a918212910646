/** @import { Link, LinkKind, Outcome, Table } from "./types.js" */

/** The tables of a crosswalk. @type {[string, LinkKind][]} */
const TABLES = [
  ["patients.csv", "patient"],
  ["studies.csv", "study"],
  ["accessions.csv", "accession"],
  ["uids.csv", "uid"],
];

/**
 * Old and new identifiers of a batch that was worked on with `crosswalk: true`, as tables in CSV (docs/CROSSWALK.md). They identify
 * patients.
 * @param {Iterable<Outcome | { links?: Link[] }>} outcomes
 * @returns {Table[]}
 */
export function crosswalk(outcomes) {
  /** @type {Map<LinkKind, Set<string>>} links of each kind, once; no control character stands in an identifier */
  const pairs = new Map(TABLES.map(([, kind]) => [kind, new Set()]));
  for (const outcome of outcomes) {
    if (!("links" in outcome)) continue;
    for (const { kind, old, new: now } of outcome.links ?? []) pairs.get(kind)?.add(`${old}\0${now}`);
  }
  return TABLES.map(([name, kind]) => {
    const rows = [...(pairs.get(kind) ?? [])].sort(byCharacter).map((pair) => pair.split("\0"));
    // Without a byte order mark spreadsheets take UTF-8 for another encoding.
    return { name, csv: `\uFEFF${[["id_old", "id_new"], ...rows].map(record).join("")}` };
  });
}

/** A record as RFC 4180 has it. @param {string[]} cells */
const record = (cells) => `${cells.map(cell).join(",")}\r\n`;

/** A cell; a spreadsheet would take one that begins with a sign for a formula. @param {string} text */
function cell(text) {
  const safe = text.replace(/^[=+\-@]/, (sign) => `\\x${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return /[,;"]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** By the numbers of characters, as the command sorts; strings are compared by halves of them. @param {string} a @param {string} b */
function byCharacter(a, b) {
  for (let at = 0; ; at++) {
    const [one, other] = [a.codePointAt(at) ?? -1, b.codePointAt(at) ?? -1];
    if (one !== other || one < 0) return one - other;
  }
}
