import type { z } from "zod";
import type { Permission } from "../../../shared/permissions.ts";
import type { Endpoints, Keys } from "../access/index.ts";
import { describeIssues } from "../describe-issues.ts";
import { HubError } from "../errors.ts";
import type { ApiKey } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import { permits } from "../registry/index.ts";
import { type Queryable, toHubError } from "../store/database.ts";
import type { RequestFrame } from "./frames.ts";

/** What a method works with. */
export interface RpcContext {
  readonly db: Queryable;
  readonly registry: RegistryView;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly now: () => number;
  /** The key of the connection, as it is now. */
  readonly key: ApiKey;
}

/** A management command over the stream's socket (kite-wire.md 7). */
export interface RpcMethod {
  readonly permission: Permission;
  /** Checks the parameters and answers with the JSON text of the payload. */
  run(params: unknown, context: RpcContext): Promise<string>;
}

/** An answer to a request: whether it worked, and the JSON text of the payload. */
export interface RpcAnswer {
  readonly ok: boolean;
  readonly payload: string;
}

/**
 * One row of the table of methods.
 * @param params what the method takes; a client that sends no parameters at all sends null
 * @param handle answers with a value, or with {@link RawJson} when it has the text already
 */
export function method<S extends z.ZodType>(
  permission: Permission,
  params: S,
  handle: (params: z.output<S>, context: RpcContext) => unknown,
): RpcMethod {
  return {
    permission,
    async run(given, context) {
      const parsed = params.safeParse(given ?? {}, { reportInput: true });
      if (!parsed.success) throw new HubError("bad_request", describeIssues("params", parsed.error.issues));
      const answer: unknown = await handle(parsed.data, context);
      return answer instanceof RawJson ? answer.text : JSON.stringify(answer);
    },
  };
}

/** A payload that is JSON text already, so that stored events travel byte for byte. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Answers one request. What a caller did wrong, or what cannot be done now, is an answer with `ok` false.
 * @param methods the methods there are, by name
 * @throws what is a fault of the hub's own
 */
export async function answer(
  request: RequestFrame,
  context: RpcContext,
  methods: ReadonlyMap<string, RpcMethod>,
): Promise<RpcAnswer> {
  const found = methods.get(request.method);
  if (found === undefined) return refusal(`unknown method: ${request.method}`);
  if (!permits(context.key.permissions, found.permission))
    return refusal(`${request.method} needs the permission ${found.permission}, which this API key lacks`);
  try {
    return { ok: true, payload: await found.run(request.params, context) };
  } catch (error) {
    const known = toHubError(error);
    if (known instanceof HubError) return refusal(`${request.method}: ${known.message}`);
    throw error;
  }
}

/** An answer that says why not. */
export function refusal(sentence: string): RpcAnswer {
  return { ok: false, payload: JSON.stringify({ error: sentence }) };
}
