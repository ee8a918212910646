/** The engine: base64 of gzip of the .wasm. Made by the build. */
export const wasm: string;
/** SHA-256 of the .wasm, in hexadecimal. */
export const sha256: string;
