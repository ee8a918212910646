// The list of old and new numbers: saved on its own, under a passphrase if one is given, and opened again.

import { crosswalk, decrypt, encrypt, save, zip } from "../lib/index.js";
import { announce, byId, input, messageOf, sentence } from "./dom.js";
import { state } from "./store.js";

/** @import { Outcome } from "../lib/types.js" */

const dialog = () => /** @type {HTMLDialogElement} */ (byId("list"));

export function listForms() {
  byId("list-form").addEventListener("submit", (event) => tell(event, "list-error", saveList));
  byId("list-form").addEventListener("input", hint);
  byId("list-cancel").addEventListener("click", () => dialog().close());
  // Nothing of a passphrase stays in the page.
  dialog().addEventListener("close", () => empty("list-form"));
  byId("open-form").addEventListener("submit", (event) => tell(event, "open-error", openList));
}

/** Asks how the list is to be saved. */
export function askForList() {
  hint();
  dialog().showModal();
}

/** Does what a form is for; says what went wrong. @param {Event} event @param {string} place @param {() => Promise<void>} work */
async function tell(event, place, work) {
  event.preventDefault();
  byId(place).textContent = "";
  await work().catch((error) => (byId(place).textContent = sentence(messageOf(error))));
}

async function saveList() {
  const passphrase = input("list-pass").value;
  if (passphrase !== input("list-again").value) throw new Error("the two passphrases differ");
  const archive = await tables();
  if (passphrase) await save(new Blob([await encrypt(new Uint8Array(await archive.arrayBuffer()), passphrase)]), "old-and-new-numbers.zip.lethe");
  else await save(archive, "old-and-new-numbers.zip");
  dialog().close();
  announce("The list is saved.");
}

async function openList() {
  const file = input("open-file").files?.[0];
  if (!file) throw new Error("choose the encrypted list first");
  const content = await decrypt(new Uint8Array(await file.arrayBuffer()), input("open-pass").value);
  await save(new Blob([content]), file.name.replace(/\.lethe$/, ""));
  empty("open-form");
  announce("The list is opened and saved.");
}

/** The tables in a ZIP archive. */
function tables() {
  const files = crosswalk(state.entries.flatMap(({ outcome }) => outcome ?? [])).map(({ name, csv }) => ({ ok: true, name, blob: new Blob([csv]) }));
  return new Response(zip(/** @type {Outcome[]} */ (/** @type {unknown} */ (files)))).blob();
}

function hint() {
  const { length } = input("list-pass").value;
  const weak = length < 20 ? "Short: take five random words, or 20 random characters." : "Long enough, if it is random.";
  byId("list-hint").textContent = length === 0 ? "Without a passphrase anyone who gets the file can read it." : `${weak} If it is lost, nobody can open the list.`;
}

/** @param {string} form */
const empty = (form) => /** @type {HTMLFormElement} */ (byId(form)).reset();
