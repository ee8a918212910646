import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

/** Where the site lies, as on GitHub Pages: not at the root. */
export const BASE = "/lethe/";

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };

/**
 * Serves a folder under BASE as GitHub Pages does (gzip), and nothing else.
 * @param {string} folder
 * @param {{ change?: (path: string, text: string) => string }} [options] changes a file on its way out
 */
export async function serveSite(folder, { change } = {}) {
  const seen = { stray: /** @type {string[]} */ ([]), paths: /** @type {string[]} */ ([]), weights: /** @type {Map<string, number>} */ (new Map()), bytes: 0 };
  /** @type {Map<string, Buffer>} */
  const ready = new Map();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname);
    const inside = path.startsWith(BASE) ? normalize(path.slice(BASE.length) || "index.html") : "..";
    const type = TYPES[extname(inside)] ?? "application/octet-stream";
    const zipped = inside.startsWith("..") ? undefined : (ready.get(inside) ?? zip(join(folder, inside), (text) => change?.(inside, text) ?? text));
    if (!zipped) {
      seen.stray.push(path);
      return response.writeHead(404).end();
    }
    ready.set(inside, zipped);
    seen.paths.push(inside);
    seen.weights.set(inside, zipped.length);
    seen.bytes += zipped.length;
    response.writeHead(200, { "content-type": type, "content-encoding": "gzip", "content-length": zipped.length }).end(zipped);
  });
  return { ...(await listen(server)), seen };
}

/** Another origin: it answers everything that a page could ask for, and counts. */
export async function serveElsewhere() {
  const seen = { asked: /** @type {string[]} */ ([]), connections: 0 };
  const server = createServer((request, response) => {
    seen.asked.push(request.url ?? "");
    const type = request.url?.endsWith(".css") ? "text/css" : request.url?.endsWith(".svg") ? "image/svg+xml" : "text/javascript";
    // A connection that stays open would hide the next one.
    response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*", "connection": "close" }).end();
  });
  server.on("connection", () => seen.connections++);
  server.on("upgrade", (request, socket) => {
    seen.asked.push(request.url ?? "");
    socket.destroy();
  });
  return { ...(await listen(server)), seen };
}

/** @param {string} path @param {(text: string) => string} change */
function zip(path, change) {
  try {
    return gzipSync(change(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** @param {import("node:http").Server} server */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { origin: `http://127.0.0.1:${port}`, close };
}
