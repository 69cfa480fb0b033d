import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { contentPolicy } from "../../../shared/content-policy.ts";
import { refuseStranger } from "./admission.ts";

const YEAR_S = 31_536_000;

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
        // Not every browser takes a WebSocket of this origin for its own.
        "content-security-policy": contentPolicy([`ws://${request.headers.host ?? "127.0.0.1"}`]),
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
