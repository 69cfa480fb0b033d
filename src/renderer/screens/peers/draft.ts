import type { PeerView } from "../../../shared/contract/index.ts";

/** What of a peer can be edited, as a form holds it. */
export interface PeerDraft {
  readonly name: string;
  readonly hookUrl: string;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
  readonly ordered: boolean;
  readonly newestFirst: boolean;
  readonly allowPrivate: boolean;
  readonly receiveOnly: boolean;
  readonly environment: PeerView["environment"];
  readonly label: string;
  readonly colour: string;
  readonly retry: PeerView["retry"];
  readonly masks: PeerView["masks"];
}

export type DraftField = keyof PeerDraft;

export const draftOf = (peer: PeerView): PeerDraft => ({
  name: peer.name,
  hookUrl: peer.hookUrl,
  scopes: peer.scopes,
  maxHops: peer.maxHops,
  maxBytes: peer.maxBytes,
  ordered: peer.ordered,
  newestFirst: peer.newestFirst,
  allowPrivate: peer.allowPrivate,
  receiveOnly: peer.receiveOnly,
  environment: peer.environment,
  label: peer.label ?? "",
  colour: peer.colour ?? "",
  retry: peer.retry,
  masks: peer.masks,
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The fields that a person has changed from what the form began with. */
export const changedFields = (base: PeerDraft, draft: PeerDraft): DraftField[] =>
  (Object.keys(base) as DraftField[]).filter((field) => !same(base[field], draft[field]));

/** The fields that were changed here and, to something else, elsewhere meanwhile. */
export const conflictsOf = (base: PeerDraft, draft: PeerDraft, now: PeerDraft): DraftField[] =>
  changedFields(base, draft).filter((field) => !same(base[field], now[field]) && !same(draft[field], now[field]));

/** What changed elsewhere is taken over where nobody has touched it here. */
export function rebased(base: PeerDraft, draft: PeerDraft, now: PeerDraft): PeerDraft {
  const mine = Object.fromEntries(changedFields(base, draft).map((field) => [field, draft[field]]));
  return { ...now, ...mine };
}

/** The changed fields as the hub takes them. */
export function changeOf(base: PeerDraft, draft: PeerDraft): Record<string, unknown> {
  return Object.fromEntries(
    changedFields(base, draft).map((field) => {
      const value = draft[field];
      return [field, (field === "label" || field === "colour") && value === "" ? null : value];
    }),
  );
}
