import { randomBytes } from "node:crypto";
import { z } from "zod";
import { explainRefusal } from "../../../shared/refusals.ts";
import type { Evidence } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import { providerOf } from "../ingest/index.ts";
import type { Hook } from "../model.ts";
import type { RegistryAdmin, RegistryView } from "../registry/index.ts";
import type { Queryable } from "../store/database.ts";
import { lastFailures, readHookActivity } from "../store/hook-activity.ts";
import type { EndpointActivity } from "./activity.ts";

/** An endpoint, as it is shown. Its token and secret are not. */
export interface EndpointView {
  readonly id: string;
  readonly source: string;
  /** The path of its URL, without a token. */
  readonly path: string;
  /** The provider whose signatures can be checked here; null for `http` and other sources. */
  readonly provider: string | null;
  readonly active: boolean;
  readonly tokenPrefix: string;
  readonly secretConfigured: boolean;
  /** Until when the secret before the present one is accepted as well; null when it is not. */
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  /** Events accepted so far. */
  readonly events: number;
  readonly lastEvent: { readonly seq: number; readonly at: Date } | null;
  readonly lastFailure: {
    readonly refusalId: string;
    readonly at: Date;
    readonly reason: string;
    readonly sentence: string;
  } | null;
}

/** An endpoint with what is shown once. */
export interface CreatedEndpoint {
  readonly hook: Hook;
  readonly path: string;
  readonly token: string;
  readonly pathWithToken: string;
  /** The provider's secret when it is the hub that made it, or the one that GitHub is to be given. */
  readonly githubSecret: string | null;
}

/** What `kite github install` sets up at GitHub. */
export interface GithubInstall {
  readonly id: string;
  readonly pathWithToken: string;
  readonly secret: string;
  readonly rotated: boolean;
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/;
const secret = z.string().trim().min(1).max(512);

/** What an endpoint is made of (kite-wire.md 4.2 and 7). */
export const NewEndpoint = z.object({
  source: z
    .string()
    .refine((source) => SLUG.test(source), "must be 1 to 64 of a-z, 0-9 and -, and begin with a letter or digit")
    .refine((source) => source !== "kite", "kite is reserved for peers; choose another name"),
  webhook_secret: secret.nullish(),
});
export type NewEndpoint = z.output<typeof NewEndpoint>;

export type EndpointAdmin = Pick<RegistryAdmin, "createHook" | "deactivateHook" | "setHookSecret">;

export interface EndpointsOptions {
  readonly db: Queryable;
  readonly registry: RegistryView;
  readonly admin: EndpointAdmin;
  readonly activity: Pick<EndpointActivity, "flush">;
  readonly now: () => number;
}

/** The endpoints of a team: what `kite endpoints`, the REST API and the console do with them. */
export class Endpoints {
  readonly #o: EndpointsOptions;

  constructor(options: EndpointsOptions) {
    this.#o = options;
  }

  /** The team's endpoints as the registry has them, oldest first. */
  hooks(team: string): readonly Hook[] {
    return this.#o.registry.snapshot.hooks.filter((hook) => hook.team === team);
  }

  /** The same with what became of them: last event and last failure, each found without reading the log. */
  async list(team: string): Promise<EndpointView[]> {
    const { db, activity } = this.#o;
    const hooks = this.hooks(team);
    await activity.flush();
    const counts = await readHookActivity(
      db,
      hooks.map(({ id }) => id),
    );
    const failures = await lastFailures(
      db,
      team,
      hooks.map(({ source }) => source),
    );
    return hooks.map((hook): EndpointView => {
      const used = counts.find((row) => row.hook === hook.id);
      const failed = failures.find((row) => row.hook === hook.source);
      return {
        ...this.#view(hook),
        events: used?.events ?? 0,
        lastEvent: used === undefined ? null : { seq: used.lastSeq, at: used.lastEventAt },
        lastFailure:
          failed === undefined
            ? null
            : {
                refusalId: failed.refusal,
                at: failed.at,
                reason: failed.reason,
                sentence: explainRefusal(failed.reason, JSON.parse(failed.evidence) as Evidence),
              },
      };
    });
  }

  /**
   * Creates an endpoint; one that exists gets new credentials, and is active again. For GitHub the hub makes the
   * secret when none is given.
   * @throws HubError `bad_request` when there is a secret that nothing here could check
   */
  async create(team: string, { source, webhook_secret }: NewEndpoint): Promise<CreatedEndpoint> {
    const given = webhook_secret ?? undefined;
    if (given !== undefined) checkProvider(source);
    const webhookSecret = given ?? (source === "github" ? newSecret() : undefined);
    const { hook, token } = await this.#o.admin.createHook(team, source, {
      ...(webhookSecret === undefined ? {} : { webhookSecret }),
      keep: source === "github" || this.#o.registry.hook(team, source)?.token != null,
    });
    const path = pathOf(hook);
    const githubSecret = source === "github" ? (webhookSecret ?? null) : null;
    return { hook, path, token, pathWithToken: `${path}/${token}`, githubSecret };
  }

  /** A new token for an endpoint; the old one is void at once. @throws HubError `not_found` */
  async rotateToken(team: string, id: string): Promise<CreatedEndpoint> {
    const { source, token: kept } = this.#find(team, id);
    const { hook, token } = await this.#o.admin.createHook(team, source, { keep: kept !== null });
    const path = pathOf(hook);
    return { hook, path, token, pathWithToken: `${path}/${token}`, githubSecret: null };
  }

  /**
   * A new webhook secret for an endpoint; the old one is accepted for ten minutes more.
   * @param webhookSecret as the provider shows it; without one the hub makes it, for providers that take any
   * @returns the secret that the hub made; null when it was given
   * @throws HubError `not_found`, `bad_request`
   */
  async rotateSecret(
    team: string,
    id: string,
    webhookSecret: string | null,
  ): Promise<{ readonly made: string | null }> {
    const { source } = this.#find(team, id);
    checkProvider(source);
    if (webhookSecret === null && source !== "github")
      throw new HubError("bad_request", `webhook_secret: is missing; ${source} makes it, so copy it from there.`);
    const made = webhookSecret === null ? newSecret() : null;
    await this.#o.admin.setHookSecret(team, id, webhookSecret ?? made ?? "");
    return { made };
  }

  /** No more requests are accepted, until the endpoint is created again. @throws HubError `not_found` */
  async deactivate(team: string, id: string): Promise<Hook> {
    this.#find(team, id);
    await this.#o.admin.deactivateHook(team, id);
    return this.#find(team, id);
  }

  /**
   * What GitHub has to be given. Every repository of a team shares the one endpoint and its secret, so both stay what
   * they are unless the secret is to be rotated or there is none yet.
   */
  async prepareGithubInstall(team: string, rotate: boolean): Promise<GithubInstall> {
    let hook = this.#o.registry.hook(team, "github");
    let rotated = false;
    if (hook?.token == null || !hook.active) {
      // The token is new anyway; a secret that is there stays, for the repositories that have it.
      const old = hook?.webhookSecret ?? null;
      const fresh = old === null || rotate ? newSecret() : null;
      rotated = fresh !== null && old !== null;
      hook = (await this.#o.admin.createHook(team, "github", { keep: true, ...(fresh && { webhookSecret: fresh }) }))
        .hook;
    } else if (hook.webhookSecret === null || rotate) {
      rotated = hook.webhookSecret !== null;
      await this.#o.admin.setHookSecret(team, hook.id, newSecret());
      hook = this.#find(team, hook.id);
    }
    const { id, token, webhookSecret } = hook;
    if (token === null || webhookSecret === null)
      throw new HubError("conflict", "The endpoint was changed meanwhile; try again.");
    return { id, pathWithToken: `${pathOf(hook)}/${token}`, secret: webhookSecret, rotated };
  }

  #find(team: string, id: string): Hook {
    const hook = this.#o.registry.snapshot.hooks.find((each) => each.id === id && each.team === team);
    if (hook === undefined) throw new HubError("not_found", `There is no endpoint with id ${id}.`);
    return hook;
  }

  #view(hook: Hook): Omit<EndpointView, "events" | "lastEvent" | "lastFailure"> {
    const { id, source, active, tokenPrefix, webhookSecret, previousSecret, previousSecretUntil, createdAt } = hook;
    const overlap = previousSecret !== null && (previousSecretUntil?.getTime() ?? 0) > this.#o.now();
    return {
      id,
      source,
      path: pathOf(hook),
      provider: providerOf(source) === undefined ? null : source,
      active,
      tokenPrefix,
      secretConfigured: webhookSecret !== null,
      previousSecretUntil: overlap ? previousSecretUntil : null,
      createdAt,
    };
  }
}

/** As the CLI joins it to its base URL: it compares this text with what GitHub has, so nothing is percent-encoded. */
const pathOf = ({ team, source }: Hook): string => `/hooks/${team}/${source}`;

const newSecret = (): string => randomBytes(32).toString("hex");

/** A secret that is never checked would only look like protection. */
function checkProvider(source: string): void {
  if (providerOf(source) === undefined)
    throw new HubError(
      "bad_request",
      `webhook_secret: this hub does not know how ${source} signs its requests, so the secret could never be checked. ` +
        "Leave it out; the token in the URL protects the endpoint.",
    );
}
