// Stands in for the engine in the identity pipe: the package's own page, pool, worker and Node code moves the same files,
// and nothing is decided. It wants what the settings name by the file's size, else a head, and gives the file back as it is.

/** A head as the engine wants it: what is read for it is the package's choice. */
const HEAD = [[0, 1]];

export const initSync = () => {};
export const handOver = () => {};

export const provide = () => {};

export class Engine {
  #reads;

  constructor({ plan }) {
    const [config] = JSON.parse(new TextDecoder().decode(plan));
    this.#reads = config ? JSON.parse(config) : {};
  }

  session = (size) => new Session(size, this.#reads[size] ?? HEAD);
  inspection = (size) => new Session(size, HEAD);
}

class Session {
  #size;
  #reads;
  #next = 0;

  constructor(size, reads) {
    this.#size = size;
    this.#reads = reads;
  }

  want = () => this.#reads[this.#next] ?? [];
  deflates = () => false;
  take = () => new Uint8Array();
  finish = () => [[[0, this.#size]], this.#told()];
  changes = () => [];
  #told = () => JSON.stringify({ report: { name: "", outputBytes: this.#size }, links: [] });
  free() {}

  feed() {
    this.#next += 1;
  }
}

export const blobOf = (file) => new Blob([file]);
export const randomKey = () => new Uint8Array(32);
export const version = () => ({ engine: "identity", edition: "none" });
