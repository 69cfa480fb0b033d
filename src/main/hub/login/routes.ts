import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { HubError } from "../errors.ts";
import { takeJson } from "../json-body.ts";
import type { RegistryView } from "../registry/index.ts";
import { isAdminKey, isAtTheMachine, isOwnForm } from "./approver.ts";
import { type DeviceLogins, EXPIRES_S, INTERVAL_S } from "./device-logins.ts";
import { codePage, confirmPage, donePage, POLICY } from "./page.ts";

/**
 * Who may approve a login: `local`, the person at this machine, or with an admin key anybody; `key`, only with an admin
 * key, for machines that several people use; `off`, nobody.
 */
export type LoginApproval = "local" | "key" | "off";

export interface LoginRoutesOptions {
  readonly logins: DeviceLogins;
  readonly registry: Pick<RegistryView, "keyByToken" | "instanceId">;
  readonly team: string;
  readonly approval: LoginApproval;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const BODY_LIMIT = 4_096;
const HOST = /^[\w.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;
const DeviceToken = z.object({ device_code: z.string().min(1).max(256) });
const Decision = z.object({
  user_code: z.string().max(32),
  decision: z.enum(["approve", "deny"]),
  permission: z.enum(["read", "write", "admin"]).default("write"),
  admin_key: z.string().max(256).default(""),
});

/** `POST /api/auth/device-code` and `device-token`, and the page /activate (kite-wire.md 9). */
export function loginRoutes(app: FastifyInstance, options: LoginRoutesOptions): void {
  const { logins, registry, team, approval, now } = options;
  app.removeAllContentTypeParsers();
  takeJson(app);
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.setValidatorCompiler(() => (value) => ({ value }));
  const route = { bodyLimit: BODY_LIMIT, schema: { hide: true } };
  if (approval === "off") {
    const refuse = async (): Promise<never> => {
      throw new HubError("unsupported", "`kite login` is turned off at this hub. Set KITE_API_KEY and KITE_TEAM_ID.");
    };
    for (const path of ["/api/auth/device-code", "/api/auth/device-token", "/activate"])
      app.route({ ...route, method: ["GET", "POST"], url: path, handler: refuse });
    return;
  }

  app.post("/api/auth/device-code", route, async (request) => {
    // No page has any business here; a browser says which one asks.
    if (request.headers.origin !== undefined) throw new HubError("forbidden", "Pages may not begin a login.");
    const { deviceCode, userCode } = logins.begin({
      address: request.ip,
      userAgent: printable(request.headers["user-agent"] ?? "unknown"),
      local: isAtTheMachine(callerOf(request)),
    });
    const { base, stream } = addressesOf(request);
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_url: `${base}/activate?user_code=${userCode}`,
      ws_url: stream,
      expires_in: EXPIRES_S,
      interval: INTERVAL_S,
    };
  });

  app.post("/api/auth/device-token", route, async (request, reply) => {
    const body = DeviceToken.safeParse(request.body);
    if (!body.success) throw new HubError("bad_request", "body.device_code: is missing; send the one of device-code.");
    const { status, body: answer } = await logins.poll(body.data.device_code);
    return reply.code(status).header("cache-control", "no-store").send(answer);
  });

  const needsKey = (request: FastifyRequest): boolean => approval === "key" || !isAtTheMachine(callerOf(request));

  const confirm = (
    request: FastifyRequest,
    reply: FastifyReply,
    code: string,
    problem: string | null,
  ): FastifyReply => {
    const login = logins.find(code);
    if (login === null)
      return send(reply, 404, codePage("No login waits under this code. It may have expired; codes last 15 minutes."));
    const page = confirmPage({
      login,
      team,
      instanceId: registry.instanceId,
      needsKey: needsKey(request),
      now: now(),
      problem,
    });
    return send(reply, problem === null ? 200 : 403, page);
  };

  app.get<{ Querystring: { user_code?: unknown } }>("/activate", route, async (request, reply) => {
    const code = request.query.user_code;
    // A link on some other page shows the empty form: nothing is looked up for it, and nothing counted.
    if (typeof code !== "string" || request.headers["sec-fetch-site"] === "cross-site")
      return send(reply, 200, codePage(null));
    return paged(reply, () => confirm(request, reply, code, null));
  });

  app.post("/activate", route, async (request, reply) => {
    if (!isOwnForm(request.headers))
      return send(reply, 403, donePage("Not approved", "Only this hub's own page may approve a login."));
    const form = Decision.safeParse(request.body);
    if (!form.success) return send(reply, 400, codePage("The form was incomplete. Enter the code again."));
    const { user_code: code, decision, permission, admin_key: key } = form.data;
    return paged(reply, () => {
      if (needsKey(request) && !isAdminKey(key, team, registry, now()))
        return confirm(request, reply, code, "This is no admin key of this hub's team, so nothing was decided.");
      const found = decision === "approve" ? logins.approve(code, permission) : logins.deny(code);
      if (!found) return send(reply, 404, codePage("No login waits under this code. It may have expired."));
      return decision === "approve"
        ? send(reply, 200, donePage("Approved", "Go back to your terminal: it is connected in a moment."))
        : send(reply, 200, donePage("Denied", "The command line was told so, and got no key."));
    });
  });
}

/** Too many wrong codes are told on the page, not as JSON. */
function paged(reply: FastifyReply, work: () => FastifyReply): FastifyReply {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return send(reply, error.status, codePage(error.message));
  }
}

function send(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .headers({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    })
    .send(html);
}

const callerOf = (request: FastifyRequest) => ({
  address: request.socket.remoteAddress,
  headers: request.headers,
});

/** The addresses under which the caller reached this hub. */
function addressesOf(request: FastifyRequest): { readonly base: string; readonly stream: string } {
  const { host = "", "x-forwarded-proto": proto } = request.headers;
  const name = HOST.test(host) ? host : `127.0.0.1:${request.socket.localPort ?? 7_700}`;
  const secure = proto === "https" ? "s" : "";
  return { base: `http${secure}://${name}`, stream: `ws${secure}://${name}/ws` };
}

/** A header of the caller's, on a page and in a list. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 120);
}
