/** The data files: base64 of gzip of a JSON object from names to texts. Made by the build. */
export const data: string;
