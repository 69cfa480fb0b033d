import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { z } from "zod";
import type { Gate } from "./access.ts";
import { Problem } from "./error-reply.ts";
import type { ApiDeps } from "./ports.ts";

/** A Fastify instance whose routes are typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a file of routes gets. */
export interface RouteContext {
  readonly deps: ApiDeps;
  readonly needs: Gate;
}

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 412 | 413 | 500 | 501 | 502 | 503;

/** Says what a route does, for the documentation. */
export function about(tag: string, operationId: string, summary: string, description?: string) {
  return { tags: [tag], operationId, summary, ...(description === undefined ? {} : { description }) };
}

const ofEveryGatedRoute = { 400: Problem, 401: Problem, 403: Problem, 500: Problem, 503: Problem } as const;

/** The answers of a route behind the gate: what success looks like, and which problems there can be besides. */
export function answers<T extends z.ZodType, S extends ProblemStatus>(success: T, ...problems: readonly S[]) {
  return { 200: success, ...ofEveryGatedRoute, ...problemsOf(problems) };
}

/** The same for a route that makes something. */
export function created<T extends z.ZodType, S extends ProblemStatus>(success: T, ...problems: readonly S[]) {
  return { 201: success, ...ofEveryGatedRoute, ...problemsOf(problems) };
}

/** The given problems as response schemas. */
export function problemsOf<S extends ProblemStatus>(statuses: readonly S[]): Record<S, typeof Problem> {
  return Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<S, typeof Problem>;
}
