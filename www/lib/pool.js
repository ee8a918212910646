import { asError, DicomError } from "./errors.js";

/**
 * Where workers come from, how many processors there are for them, and how many jobs all of them together are given at once where
 * they take more than a few each. `hold` says whether there is work (Node: whether the process must stay up for it).
 * @typedef {{ post(message: unknown): void, end(): void, hold(busy: boolean): void }} Channel
 * @typedef {{ onMessage(message: any): void, onCrash(): void }} Handlers
 * @typedef {{ processors: number, jobs?: number, hire(handlers: Handlers): Channel, close(): void }} Crew
 */

/**
 * @typedef {object} Job
 * @property {number} id
 * @property {{ what: string }} task
 * @property {boolean} over its promise is settled
 * @property {(error: unknown, value?: any) => void} settle
 */

/**
 * @typedef {object} Member a worker of the pool
 * @property {Channel} channel
 * @property {Map<number, Job>} jobs what it was given and has not answered, cancelled ones too
 * @property {boolean} alone it works on one job that may be what took another worker down
 * @property {boolean} ready it has started
 * @property {number} silence beats since its last sign of life
 */

/** Files in flight per worker at least: a read costs milliseconds whatever its size, so several wait at once. */
const DEPTH = 4;

/** Signs of life a worker gives within the time it has. */
const BEATS = 4;

/**
 * Workers that all hold the same engine. One that traps or gives no sign of life is ended and replaced. Which of its
 * files did it is found out by trying each of them again, alone in a worker; only that one is refused.
 */
export class Pool {
  /** @type {Crew} */ #crew;
  /** @type {object} */ #start;
  /** @type {() => Promise<unknown>} */ #supply;
  /** @type {number} */ #limit;
  /** @type {number} */ #depth;
  /** @type {number} */ #beat;
  /** @type {Set<Member>} */ #members = new Set();
  /** @type {Job[]} */ #queue = [];
  /** @type {Job[]} */ #suspects = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */ #watch;
  /** @type {{ reason: unknown } | undefined} */ #closed;
  #serial = 0;

  /**
   * @param {Crew} crew
   * @param {object} start what each worker is started with
   * @param {{ limit: number, patience: number, supply?: () => Promise<unknown> }} options patience in seconds; what workers
   *   get that ask for the module that inflates
   */
  constructor(crew, start, { limit, patience, supply = () => Promise.reject() }) {
    this.#crew = crew;
    this.#supply = supply;
    this.#limit = limit;
    this.#depth = Math.max(DEPTH, Math.ceil((crew.jobs ?? 0) / limit));
    this.#beat = (patience * 1000) / BEATS;
    this.#start = { ...start, beat: this.#beat };
  }

  /** How many files of a batch keep it busy: what comes of them is held until it is taken. */
  get room() {
    return this.#limit * DEPTH;
  }

  /**
   * Does a task in a worker. Rejects with a `DicomError` when the file is refused, with the signal's reason when cancelled.
   * @param {{ what: string, [detail: string]: unknown }} task
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  run(task, signal) {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed.reason);
      if (signal?.aborted) return reject(signal.reason);
      const cancel = () => this.#cancel(job, signal?.reason);
      /** @type {Job} */
      const job = {
        id: ++this.#serial,
        task,
        over: false,
        settle(error, value) {
          if (job.over) return;
          job.over = true;
          signal?.removeEventListener("abort", cancel);
          if (error === undefined) resolve(value);
          else reject(error);
        },
      };
      signal?.addEventListener("abort", cancel);
      this.#queue.push(job);
      this.#assign();
    });
  }

  /**
   * Ends all workers; what is pending rejects with `reason`.
   * @param {unknown} reason
   */
  close(reason) {
    if (this.#closed) return;
    this.#closed = { reason };
    const pending = [...this.#queue, ...this.#suspects, ...[...this.#members].flatMap(({ jobs }) => [...jobs.values()])];
    for (const member of this.#members) this.#dismiss(member);
    clearInterval(this.#watch);
    this.#crew.close();
    for (const job of pending) job.settle(reason);
  }

  #assign() {
    while (this.#suspects.length > 0) {
      const member = this.#idle() ?? this.#hire();
      if (!member) break;
      member.alone = true;
      this.#give(member, /** @type {Job} */ (this.#suspects.shift()));
    }
    while (this.#queue.length > 0) {
      const member = this.#idle() ?? this.#hire() ?? this.#leastBusy();
      if (!member) break;
      this.#give(member, /** @type {Job} */ (this.#queue.shift()));
    }
    this.#rest();
  }

  #idle() {
    return [...this.#members].find(({ jobs }) => jobs.size === 0);
  }

  #leastBusy() {
    const open = [...this.#members].filter(({ alone, jobs }) => !alone && jobs.size < this.#depth);
    return open.sort((a, b) => a.jobs.size - b.jobs.size)[0];
  }

  /** @returns {Member | undefined} */
  #hire() {
    if (this.#members.size >= this.#limit) return undefined;
    const channel = this.#crew.hire({
      onMessage: (message) => this.#members.has(member) && this.#hear(member, message),
      onCrash: () => this.#members.has(member) && this.#lose(member),
    });
    /** @type {Member} */
    const member = { channel, jobs: new Map(), alone: false, ready: false, silence: 0 };
    this.#members.add(member);
    channel.post({ start: this.#start });
    return member;
  }

  /** @param {Member} member */
  #dismiss(member) {
    this.#members.delete(member);
    member.channel.end();
  }

  /** @param {Member} member @param {Job} job */
  #give(member, job) {
    if (member.jobs.size === 0) member.silence = 0;
    member.jobs.set(job.id, job);
    member.channel.hold(true);
    member.channel.post({ id: job.id, task: job.task });
    this.#watch ??= setInterval(() => this.#listen(), this.#beat);
  }

  /** @param {Member} member @param {{ ready?: boolean, id?: number, value?: unknown, error?: unknown, crashed?: boolean, needs?: string }} message */
  #hear(member, { ready, id, value, error, crashed, needs }) {
    if (crashed) return this.#lose(member);
    if (needs) this.#provide(member);
    member.silence = 0;
    member.ready ||= ready === true;
    if (id === undefined) return;
    member.jobs.get(id)?.settle(asError(error), value);
    member.jobs.delete(id);
    if (member.jobs.size === 0) {
      member.alone = false;
      member.channel.hold(false);
    }
    this.#assign();
  }

  /** @param {Member} member */
  async #provide({ channel }) {
    const supply = await this.#supply().catch(() => null);
    channel.post({ supply });
  }

  /** Counts beats, not time: a machine that slept has not made its workers silent. */
  #listen() {
    for (const member of this.#members) if (member.jobs.size > 0 && ++member.silence > BEATS) this.#lose(member);
  }

  /** A watch that nobody needs would keep a Node process up. */
  #rest() {
    if ([...this.#members].some(({ jobs }) => jobs.size > 0)) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  /**
   * A worker trapped, hangs, or never started.
   * @param {Member} member
   */
  #lose(member) {
    this.#dismiss(member);
    const jobs = [...member.jobs.values()];
    const open = jobs.filter((job) => !job.over);
    if (!member.ready) this.#makeDo(open);
    else if (jobs.length === 1) open[0]?.settle(failed());
    else this.#suspects.push(...open);
    this.#assign();
  }

  /**
   * A worker that cannot start (no memory, a CSP) is not replaced, or it would be for ever: the others take its jobs.
   * @param {Job[]} open
   */
  #makeDo(open) {
    this.#limit = Math.max(1, this.#members.size);
    this.#queue.unshift(...open);
    if (this.#members.size > 0) return;
    const stranded = [...this.#queue.splice(0), ...this.#suspects.splice(0)];
    for (const job of stranded) job.settle(notStarted());
  }

  /** @param {Job} job @param {unknown} reason */
  #cancel(job, reason) {
    job.settle(reason);
    this.#queue = this.#queue.filter((other) => other !== job);
    this.#suspects = this.#suspects.filter((other) => other !== job);
    for (const member of this.#members) {
      if (!member.jobs.has(job.id)) continue;
      member.channel.post({ cancel: job.id });
      // Nobody waits for this worker any more: ending it stops the work and gives its memory back.
      if ([...member.jobs.values()].every(({ over }) => over)) this.#dismiss(member);
    }
    this.#assign();
  }
}

const failed = () => new DicomError({ code: "internal", message: "the engine failed on this file; please report it" });
const notStarted = () => new DicomError({ code: "internal", message: "no worker can be started; close other pages and try again" });
