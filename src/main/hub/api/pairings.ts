import { z } from "zod";
import { PAIRING_STATES, PairingOffer, Way } from "../../../shared/links/index.ts";
import { invalidScope } from "../../../shared/rules/index.ts";
import type { PairingView } from "../links.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { type Api, about, answers, created, type RouteContext } from "./routes.ts";

const TAG = "Pairing";
const MINUTE_MS = 60_000;
const scopes = z
  .array(z.string().refine((text) => invalidScope(text) === null, "must be a glob on the event type"))
  .max(100);
const environment = z.enum(["production", "staging", "other"]);
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #cc0000");

const PairingObject = z
  .object({
    id: z.uuid(),
    role: z.enum(["maker", "opener"]),
    state: z.enum(PAIRING_STATES),
    sentence: z.string().describe("What a person has to know and do now."),
    words: z.string().nullable().describe("To be compared with those on the other side."),
    offer: PairingOffer,
    other: z
      .object({
        instance_id: z.string(),
        team: z.string(),
        hook_url: z.string().nullable(),
        stream_url: z.string().nullable(),
      })
      .nullable(),
    peer_id: z.uuid().nullable(),
    problem: z.string().nullable().describe("What the test of the new link found wrong."),
    expires_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "Pairing" });

const OfferBody = z.strictObject({
  maker_to_opener: Way.default("pull"),
  opener_to_maker: Way.default("push"),
  scopes: scopes.min(1).default(["*"]),
  max_hops: z.int().min(1).max(64).default(3),
  expires_in_minutes: z.number().min(1).max(1_440).default(15),
  url: z.url().optional().describe("Where the opener reaches this hub, when that is not its public URL."),
  allow_private: z.boolean().default(false).describe("The opener may be at an address of your own network."),
});

const OpenBody = z.strictObject({
  link: z.string().max(20_000),
  allow_private: z.boolean().default(false).describe("The maker may be at an address of your own network."),
  url: z.url().nullable().optional().describe("Where the maker reaches this hub; null when it cannot."),
});

const ConfirmBody = z.strictObject({
  words_are_the_same: z.literal(true),
  name: z.string().trim().min(1).max(128).optional(),
  environment: environment.default("other"),
  label: z.string().max(64).nullable().default(null),
  colour: colour.nullable().default(null),
  send_to: z.string().optional().describe("The peer's name: without it, nothing is sent to a production peer."),
});

const KiteBody = z.strictObject({
  url: z.url().describe("The server's base URL, such as https://api.getkite.sh."),
  team: z.string().min(1).max(256).describe("The team there."),
  name: z.string().trim().min(1).max(128),
  reaches_us: z.boolean().default(false).describe("The server can reach this hub. Where not, it may be read instead."),
  push: z.boolean().default(true).describe("Events of this hub are sent there."),
  scopes: scopes.optional(),
  max_hops: z.int().min(1).max(64).optional(),
  environment: environment.default("other"),
  allow_private: z.boolean().default(false),
  instance_id: z.string().min(1).max(128).nullable().default(null),
  read_key: z.string().max(1_024).nullable().default(null).describe("An API key of the team with the permission read."),
  admin_key: z.string().max(1_024).nullable().default(null).describe("Used for this, and forgotten."),
});

const Params = z.strictObject({ id: z.uuid() });

export function showPairing(view: PairingView): z.infer<typeof PairingObject> {
  return {
    id: view.id,
    role: view.role,
    state: view.state,
    sentence: view.sentence,
    words: view.words,
    offer: view.offer,
    other: view.other,
    peer_id: view.peer?.id ?? null,
    problem: view.problem,
    expires_at: new Date(view.expiresAt).toISOString(),
    created_at: new Date(view.createdAt).toISOString(),
  };
}

/** `/api/federation/pairings`: pairing with another Kite Desktop by a link, and with a real Kite server. */
export function pairingRoutes(app: Api, { deps, needs }: RouteContext): void {
  const { pairing, kite } = deps.links;
  const gate = { onRequest: needs("admin") };

  app.get(
    "/pairings",
    {
      ...gate,
      schema: {
        ...about(TAG, "listPairings", "List pairings"),
        querystring: TeamQuery,
        response: answers(z.array(PairingObject)),
      },
    },
    async (request) => (await pairing.list(teamOf(request))).map(showPairing),
  );

  app.post(
    "/pairings/offers",
    {
      ...gate,
      schema: {
        ...about(
          TAG,
          "offerPairing",
          "Make a pairing link",
          "The link is shown this once. Give it to the other side by a way you trust.",
        ),
        querystring: TeamQuery,
        body: OfferBody,
        response: created(z.object({ link: z.string(), pairing: PairingObject })),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const made = await pairing.offer(teamOf(request), {
        makerToOpener: body.maker_to_opener,
        openerToMaker: body.opener_to_maker,
        scopes: body.scopes,
        maxHops: body.max_hops,
        expiresInMs: body.expires_in_minutes * MINUTE_MS,
        allowPrivate: body.allow_private,
        ...(body.url === undefined ? {} : { url: body.url }),
      });
      return reply.code(201).send({ link: made.link, pairing: showPairing(made.pairing) });
    },
  );

  app.post(
    "/pairings/open",
    {
      ...gate,
      schema: {
        ...about(
          TAG,
          "openPairing",
          "Open a pairing link",
          "Meets the maker; compare the words then, and confirm on both sides.",
        ),
        querystring: TeamQuery,
        body: OpenBody,
        response: created(PairingObject, 404, 409, 502),
      },
    },
    async (request, reply) => {
      const { link, allow_private: allowPrivate, url } = request.body;
      const opened = await pairing.open(teamOf(request), link, { allowPrivate, ...(url === undefined ? {} : { url }) });
      return reply.code(201).send(showPairing(opened));
    },
  );

  app.post(
    "/pairings/kite",
    {
      ...gate,
      schema: {
        ...about(
          TAG,
          "pairWithKite",
          "Pair with a real Kite server",
          "With an admin key of the server it is set up from here; without one, the answer has the commands to run there.",
        ),
        querystring: TeamQuery,
        body: KiteBody,
        response: created(
          z.object({
            peer_id: z.uuid(),
            todo: z.object({ about: z.string(), commands: z.array(z.string()) }).nullable(),
            problem: z.string().nullable(),
          }),
          409,
          502,
        ),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { peer, todo, problem } = await kite.pair(teamOf(request), {
        url: body.url,
        team: body.team,
        name: body.name,
        reachesUs: body.reaches_us,
        push: body.push,
        environment: body.environment,
        allowPrivate: body.allow_private,
        instanceId: body.instance_id,
        readKey: body.read_key,
        adminKey: body.admin_key,
        ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
        ...(body.max_hops === undefined ? {} : { maxHops: body.max_hops }),
      });
      const shown = todo === null ? null : { about: todo.about, commands: [...todo.commands] };
      return reply.code(201).send({ peer_id: peer.id, todo: shown, problem });
    },
  );

  app.get(
    "/pairings/:id",
    {
      ...gate,
      schema: {
        ...about(TAG, "getPairing", "Show a pairing"),
        params: Params,
        querystring: TeamQuery,
        response: answers(PairingObject, 404),
      },
    },
    async (request) => showPairing(await pairing.get(teamOf(request), request.params.id)),
  );

  app.post(
    "/pairings/:id/confirm",
    {
      ...gate,
      schema: {
        ...about(TAG, "confirmPairing", "Confirm that the words are the same"),
        params: Params,
        querystring: TeamQuery,
        body: ConfirmBody,
        response: answers(PairingObject, 404, 409, 502),
      },
    },
    async (request) => {
      const { name, environment: kind, label, colour: shade, send_to } = request.body;
      const choice = {
        environment: kind,
        label,
        colour: shade,
        ...(name === undefined ? {} : { name }),
        ...(send_to === undefined ? {} : { sendTo: send_to }),
      };
      return showPairing(await pairing.confirm(teamOf(request), request.params.id, choice));
    },
  );

  app.post(
    "/pairings/:id/refuse",
    {
      ...gate,
      schema: {
        ...about(TAG, "refusePairing", "Refuse a pairing"),
        params: Params,
        querystring: TeamQuery,
        response: answers(PairingObject, 404, 409),
      },
    },
    async (request) => showPairing(await pairing.refuse(teamOf(request), request.params.id)),
  );
}
