import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../js/support/programs.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * A new project with the packed package installed from its tarball, as a user does it. It depends on nothing else, so nothing is
 * downloaded.
 * @param {string} folder
 */
export function installApp(folder) {
  const packed = join(root, "target/npm");
  const tarball = readdirSync(packed).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("target/npm has no tarball; run `cargo xtask pack`");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", version: "1.0.0", type: "module", private: true }));
  run("npm", "install", "--prefix", folder, "--offline", "--install-links", "--no-audit", "--no-fund", join(packed, tarball));
}

/** What every browser app here does: it de-identifies the files of an input, and says name and SHA-256 of each output. */
export const source = `
import { intake, open, tar, version, zip } from "lethe-dicom";

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const hash = async (blob) => hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));

globalThis.deidentify = async (input, { key, now }) => {
  const deidentifier = await open({ key: Uint8Array.from(key.match(/../g), (pair) => parseInt(pair, 16)), now });
  const outcomes = [];
  for await (const outcome of deidentifier.deidentifyAll(intake(input.files))) outcomes.push(outcome);
  const done = outcomes.filter(({ ok }) => ok);
  const outputs = await Promise.all(done.map(async ({ name, blob }) => name + " " + (await hash(blob))));
  const archives = [(await tar(outcomes)).size, (await new Response(zip(outcomes)).blob()).size];
  await deidentifier.close();
  return { outputs: outputs.sort(), seen: outcomes.length, archives, version: (await version()).engine };
};
`;

/** The Content Security Policy of the site, Trusted Types included: what works under it works under less. */
export const policy = (/** @type {string} */ scripts = "") =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${scripts}; worker-src blob:; connect-src 'none'; style-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types lethe`;

/** @param {string} script */
export const page = (script, head = "", csp = policy()) =>
  `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${csp}">${head}<title>app</title><input type="file" multiple><script type="module" src="${script}"></script>`;
