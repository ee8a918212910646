// The crosswalk: tables from outcomes, files under a passphrase, patients that share a pseudonym.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crosswalk } from "../../www/lib/crosswalk.js";
import { decrypt, encrypt } from "../../www/lib/encrypt.js";
import { patients } from "../../www/lib/patients.js";
import { done, refused } from "./support/outcomes.mjs";

/** @import { LinkKind, Outcome } from "../../www/lib/types.js" */

/** @param {LinkKind} kind @param {string} old @param {string} now */
const link = (kind, old, now) => ({ kind, old, new: now });

test("tables hold each pair once, in order, and no formula", () => {
  const first = { links: [link("patient", "=1+1", "b"), link("patient", '0042,"x"', "-c"), link("uid", "1.2", "2.25.1"), link("study", "1.2", "2.25.1")] };
  const second = { links: [link("patient", "=1+1", "b"), link("patient", "\u{1F600}", "d"), link("patient", "\uFF21;", "e"), link("uid", "1.10", "2.25.2")] };
  const tables = crosswalk([done("none", ""), first, refused(), second]);
  assert.deepEqual(tables.map(({ name }) => name), ["patients.csv", "studies.csv", "accessions.csv", "uids.csv"]);
  const [head, rows] = ["\uFEFFid_old,id_new\r\n", tables.map(({ csv }) => csv)];
  // By characters, as the command sorts them: the halves of the first would come before the second.
  assert.equal(rows[0], `${head}"0042,""x""",\\x2Dc\r\n\\x3D1+1,b\r\n"\uFF21;",e\r\n\u{1F600},d\r\n`);
  assert.deepEqual(rows.slice(1), [`${head}1.2,2.25.1\r\n`, head, `${head}1.10,2.25.2\r\n1.2,2.25.1\r\n`]);
});

test("what another program has encrypted is decrypted, what was changed is refused", async () => {
  const { passphrase, plain, sealed } = JSON.parse(readFileSync(new URL("../cases/crosswalk/sealed.json", import.meta.url), "utf8"));
  const file = Uint8Array.from(Buffer.from(sealed, "hex"));
  assert.equal(Buffer.from(await decrypt(file, passphrase)).toString(), plain);
  const refusal = { name: "DicomError", code: "decrypt" };
  await assert.rejects(decrypt(file, `${passphrase} `), { ...refusal, message: /another passphrase/ });
  for (const at of [29, file.length - 1]) await assert.rejects(decrypt(file.with(at, file[at] ^ 1), passphrase), { ...refusal, message: /was changed/ });
  for (const [at, byte] of [[0, 0x6c], [8, 2], [9, 1]]) await assert.rejects(decrypt(file.with(at, byte), passphrase), { ...refusal, message: /not one that Lethe/ });
  for (const size of [0, 8, 40]) await assert.rejects(decrypt(file.subarray(0, size), passphrase), { ...refusal, message: /not one that Lethe/ });
});

test("what is encrypted comes back, never looks the same twice, and needs a passphrase", async () => {
  const content = "M\u00fcller 0042";
  const [one, other] = [await encrypt(content, "wort"), await encrypt(new TextEncoder().encode(content), "wort")];
  assert.notDeepEqual(one, other);
  assert.equal(one.length, other.length);
  for (const file of [one, other]) assert.equal(new TextDecoder().decode(await decrypt(file, "wort")), content);
  await assert.rejects(encrypt(content, ""), { code: "decrypt", message: "the passphrase is empty" });
});

test("patients that share a pseudonym, and those that have several, are counted", () => {
  /** @param {string} name @param {string} patient @returns {Outcome} */
  const of = (name, patient) => {
    const outcome = done(name, "");
    return outcome.ok ? { ...outcome, report: { ...outcome.report, patient } } : outcome;
  };
  assert.deepEqual(patients([of("a/1", "x"), of("a/2", "x"), of("b/1", "y"), refused()]), { collisions: 0, splits: 0 });
  assert.deepEqual(patients([of("a/1", "x"), of("a/2", "y"), of("a/3", "z"), of("b/1", "z")]), { collisions: 3, splits: 1 });
});
