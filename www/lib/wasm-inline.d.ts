/** The engine: base64 of gzip of the .wasm. Made by the build. */
export const wasm: string;
/** SHA-256 of each .wasm, in hexadecimal. */
export const sums: Record<string, string>;
