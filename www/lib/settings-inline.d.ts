/** What reads settings: base64 of gzip of the .wasm. Made by the build. */
export const wasm: string;
