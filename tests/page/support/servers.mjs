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
  const seen = { stray: /** @type {string[]} */ ([]), paths: /** @type {string[]} */ ([]), bytes: 0 };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname);
    const inside = path.startsWith(BASE) ? normalize(path.slice(BASE.length) || "index.html") : "..";
    const body = inside.startsWith("..") ? undefined : read(join(folder, inside));
    if (!body) {
      seen.stray.push(path);
      return response.writeHead(404).end();
    }
    const type = TYPES[extname(inside)] ?? "application/octet-stream";
    const zipped = gzipSync(change && /text/.test(type) ? change(inside, body.toString()) : body, { level: 6 });
    seen.paths.push(inside);
    seen.bytes += zipped.length;
    response.writeHead(200, { "content-type": type, "content-encoding": "gzip", "content-length": zipped.length }).end(zipped);
  });
  return { ...(await listen(server)), seen };
}

/** Another origin: it answers everything that a page could ask for, and counts. */
export async function serveElsewhere() {
  const seen = { asked: /** @type {string[]} */ ([]) };
  const server = createServer((request, response) => {
    seen.asked.push(request.url ?? "");
    const type = request.url?.endsWith(".css") ? "text/css" : request.url?.endsWith(".svg") ? "image/svg+xml" : "text/javascript";
    response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*" }).end();
  });
  server.on("upgrade", (request, socket) => {
    seen.asked.push(request.url ?? "");
    socket.destroy();
  });
  return { ...(await listen(server)), seen };
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path);
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
