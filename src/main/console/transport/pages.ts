import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refuseStranger } from "./admission.ts";

const YEAR_S = 31_536_000;

/** Nothing but the console's own files; libraries of the console make style elements, so those alone may be inline. */
function policy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "style-src-elem 'self' 'unsafe-inline'",
    "font-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' ws://${host}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Kite Desktop</title>
<h1>The console is not built</h1>
<p>Its files are missing. Stop the hub, run <code>npm run build</code>, and start it again.</p></html>`;

/** Serves the console's files under /console/, on this machine only. */
export async function servePages(http: FastifyInstance, folder: string): Promise<void> {
  const built = existsSync(join(folder, "index.html"));
  await http.register((scope, _options, done) => {
    scope.addHook("onRequest", (request: FastifyRequest, reply: FastifyReply, goOn) => {
      const refused = refuseStranger({ headers: request.headers, remote: request.socket.remoteAddress });
      if (refused !== null) {
        void reply.code(403).type("text/plain; charset=utf-8").send(refused.sentence);
        return;
      }
      void reply.headers({
        "content-security-policy": policy(request.headers.host ?? "127.0.0.1"),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      goOn();
    });
    const hidden = { schema: { hide: true } };
    scope.get("/console", hidden, (_request, reply) => reply.redirect("/console/"));
    if (built) registerFiles(scope, folder);
    else
      scope.get("/console/*", hidden, (_request, reply) =>
        reply.code(503).header("cache-control", "no-store").type("text/html; charset=utf-8").send(NOT_BUILT),
      );
    done();
  });
}

function registerFiles(scope: FastifyInstance, folder: string): void {
  void scope.register(fastifyStatic, {
    root: folder,
    prefix: "/console/",
    decorateReply: false,
    cacheControl: false,
    schemaHide: true,
    setHeaders(reply, path) {
      // Names of assets hold a hash of what is in them.
      const lasting = /[\\/]assets[\\/][^\\/]+$/.test(path);
      void reply.header("cache-control", lasting ? `public, max-age=${YEAR_S}, immutable` : "no-store");
    },
  });
}
