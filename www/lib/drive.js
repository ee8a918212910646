/**
 * @import { Session } from "./engine.js"
 * @import { Supply } from "./worker.js"
 */

/** What is read first of a large file: its header as a rule, and more would take browsers time. */
const HEAD = 32 * 1024;
/** What is read at once behind it, since a read costs milliseconds in some browsers whatever its size. */
const WINDOW = 512 * 1024;
/** Most that is read at once. */
export const CHUNK = 4 * 1024 * 1024;
/** What the engine is handed at once: its memory never shrinks, and of what was read first it seldom wants more than this. */
const SIP = 16 * 1024;
const GULP = 128 * 1024;

/**
 * Feeds a session what it wants, and hands on what it gives meanwhile (a deflated file's output).
 * @param {Session} session
 * @param {number} size of the file
 * @param {(at: number, length: number) => Promise<Uint8Array>} read gives that many bytes, or throws
 * @param {(bytes: Uint8Array) => unknown} write
 * @param {Supply} supply
 * @param {number} [head] what is read first
 */
export async function drive(session, size, read, write, supply, head = HEAD) {
  let [window, sip] = [head, SIP];
  for (let [at, end] = session.want(); at !== undefined; [at, end] = session.want()) {
    if (session.deflates()) await supply();
    const bytes = await read(at, Math.min(Math.max(end - at, window), CHUNK, size - at));
    for (const given of feed(session, at, bytes, sip)) await write(given);
    [window, sip] = [WINDOW, GULP];
  }
}

/**
 * Feeds as much of what was read as is wanted, sip by sip, up to where a deflated stream begins; what is given in turn is yielded.
 * @param {Session} session
 * @param {number} start where in the file the bytes stand
 * @param {Uint8Array} bytes
 * @param {number} sip
 */
function* feed(session, start, bytes, sip) {
  const deflated = session.deflates();
  for (let [at, end] = session.want(); at >= start && at < start + bytes.length; [at, end] = session.want()) {
    if (session.deflates() !== deflated) return;
    session.feed(at, bytes.subarray(at - start, Math.max(end, at + sip) - start));
    const given = session.take();
    if (given.length > 0) yield given;
    sip = GULP;
  }
}
