import { z } from "zod";
import { PAIRING_STATES, PairingOffer, Way } from "../links/index.ts";
import { consoleCall } from "./errors.ts";
import { Duration, PeerRef, Time } from "./values.ts";

const Environment = z.enum(["production", "staging", "other"]);

/** A pairing under way or ended, as this side sees it. */
export const PairingView = z.object({
  id: z.string(),
  role: z.enum(["maker", "opener"]),
  state: z.enum(PAIRING_STATES),
  /** What a person has to know and do now. */
  sentence: z.string(),
  /** To be compared with those on the other side; null before both have met. */
  words: z.string().nullable(),
  offer: PairingOffer,
  /** Who the other side says it is. */
  other: z
    .object({
      instanceId: z.string(),
      team: z.string(),
      hookUrl: z.string().nullable(),
      streamUrl: z.string().nullable(),
    })
    .nullable(),
  /** What came of it. */
  peer: PeerRef.nullable(),
  /** What the test of the new link found wrong. */
  problem: z.string().nullable(),
  expiresAt: Time,
  createdAt: Time,
});
export type PairingView = z.infer<typeof PairingView>;

export const PairingOfferInput = z.object({
  makerToOpener: Way.default("pull"),
  openerToMaker: Way.default("push"),
  scopes: z.array(z.string()).max(100).default(["*"]),
  maxHops: z.int().min(1).max(64).default(3),
  expiresIn: Duration.min(60_000).max(86_400_000).default(900_000),
  /** Where the opener reaches this hub, when that is not its public URL. */
  url: z.string().max(2_048).nullable().default(null),
  allowPrivate: z.boolean().default(false),
});

const One = z.object({ id: z.string() });

export const PairingConfirmInput = One.extend({
  name: z.string().trim().min(1).max(128).optional(),
  environment: Environment.default("other"),
  label: z.string().max(64).nullable().default(null),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #cc0000")
    .nullable()
    .default(null),
  /** The peer's name: without it, nothing is sent to a production peer. */
  sendTo: z.string().optional(),
});

/** A real Kite server, which knows nothing of pairing links. */
export const KitePairingInput = z.object({
  url: z.string().max(2_048),
  team: z.string().min(1).max(256),
  name: z.string().trim().min(1).max(128),
  /** Can the server reach this hub? Where it cannot, it may be read instead. */
  reachesUs: z.boolean(),
  push: z.boolean(),
  scopes: z.array(z.string()).max(1_000).optional(),
  maxHops: z.int().min(1).max(64).optional(),
  environment: Environment.default("other"),
  allowPrivate: z.boolean().default(false),
  instanceId: z.string().max(128).nullable().default(null),
  readKey: z.string().max(1_024).nullable().default(null),
  /** Used for this, and forgotten. Null: the answer has the commands to run at the server. */
  adminKey: z.string().max(1_024).nullable().default(null),
});

export const pairing = {
  list: consoleCall.output(z.array(PairingView)),
  get: consoleCall.input(One).output(PairingView),
  /** Makes a link; it is shown this once. */
  offer: consoleCall.input(PairingOfferInput).output(z.object({ link: z.string(), pairing: PairingView })),
  /** What a link says, without telling its maker. */
  preview: consoleCall
    .input(z.object({ link: z.string().max(20_000) }))
    .output(
      z.object({ id: z.string(), url: z.string(), instanceId: z.string(), offer: PairingOffer, expiresAt: Time }),
    ),
  /** Meets the maker. Then the words are compared, and both sides confirm. */
  open: consoleCall
    .input(
      z.object({
        link: z.string().max(20_000),
        allowPrivate: z.boolean().default(false),
        /** Where the maker reaches this hub; null when it cannot; absent for this hub's own URL. */
        url: z.string().max(2_048).nullable().optional(),
      }),
    )
    .output(PairingView),
  confirm: consoleCall.input(PairingConfirmInput).output(PairingView),
  refuse: consoleCall.input(One).output(PairingView),
  kite: consoleCall.input(KitePairingInput).output(
    z.object({
      peer: PeerRef,
      todo: z.object({ about: z.string(), commands: z.array(z.string()) }).nullable(),
      problem: z.string().nullable(),
    }),
  ),
};
