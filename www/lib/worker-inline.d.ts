/** The text of a worker's module: the bindings and `worker.js`. Made by the build. */
export const source: string;
