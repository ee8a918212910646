import { DicomError } from "./errors.js";

// Files under a passphrase: AES-256-GCM, the key by PBKDF2-HMAC-SHA-256 (docs/CROSSWALK.md).

/** What such a file begins with: eight letters, and the version. */
const MAGIC = new TextEncoder().encode("LETHEENC\x01");
const ITERATIONS = 600_000;
/** More than any file of ours has: a file must not keep the reader busy for hours. */
const MOST_ITERATIONS = 10_000_000;
/** Where iterations, salt, nonce and content begin. */
const [AT, SALT, NONCE, CONTENT] = [9, 13, 29, 41];

/**
 * Encrypts under a passphrase.
 * @param {Uint8Array | string} content a text is taken in UTF-8
 * @param {string} passphrase
 */
export async function encrypt(content, passphrase) {
  const head = crypto.getRandomValues(new Uint8Array(CONTENT));
  head.set(MAGIC);
  new DataView(head.buffer).setUint32(AT, ITERATIONS);
  const plain = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const sealed = await crypto.subtle.encrypt(gcm(head), await keyOf(head, passphrase), /** @type {Uint8Array<ArrayBuffer>} */ (plain));
  const file = new Uint8Array(CONTENT + sealed.byteLength);
  file.set(head);
  file.set(new Uint8Array(sealed), CONTENT);
  return file;
}

/**
 * Decrypts what `encrypt`, the page or the command has encrypted. Rejects with a `DicomError` (`decrypt`) if it cannot.
 * @param {Uint8Array} file
 * @param {string} passphrase
 */
export async function decrypt(file, passphrase) {
  const head = file.slice(0, CONTENT);
  const iterations = head.length === CONTENT && MAGIC.every((byte, at) => head[at] === byte) ? rounds(head) : 0;
  if (iterations < 1 || iterations > MOST_ITERATIONS) throw failed("the file is not one that Lethe has encrypted, or is of a later version");
  const key = await keyOf(head, passphrase);
  const sealed = /** @type {Uint8Array<ArrayBuffer>} */ (file.subarray(CONTENT));
  const plain = await crypto.subtle.decrypt(gcm(head), key, sealed).catch(() => {
    throw failed("another passphrase was used, or the file was changed");
  });
  return new Uint8Array(plain);
}

/** @param {Uint8Array<ArrayBuffer>} head */
const gcm = (head) => ({ name: "AES-GCM", iv: head.subarray(NONCE), additionalData: head });

/** @param {Uint8Array<ArrayBuffer>} head @param {string} passphrase */
async function keyOf(head, passphrase) {
  if (passphrase === "") throw failed("the passphrase is empty");
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(passphrase), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: head.subarray(SALT, NONCE), iterations: rounds(head) };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** @param {Uint8Array} head */
const rounds = (head) => new DataView(head.buffer, head.byteOffset).getUint32(AT);

/** @param {string} message */
const failed = (message) => new DicomError({ code: "decrypt", message });
