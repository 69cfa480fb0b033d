import type { Shape, Tone } from "../ui/mark.tsx";

/** A few words with a shape, on an edge or an instance. */
export interface PictureMark {
  readonly tone: Tone;
  readonly shape: Shape | null;
  readonly text: string;
}

/** An instance, as it is drawn and as it is read out. */
export interface PictureNode {
  readonly key: string;
  readonly kind: "self" | "peer" | "inferred";
  readonly name: string;
  /** What it is, in a few words. */
  readonly about: string;
  /** The map ends here. */
  readonly unknownBeyond: boolean;
  readonly mark: PictureMark | null;
  /** Not what is being looked at. */
  readonly faint: boolean;
}

/** One direction of one link, as it is drawn and as it is read out. */
export interface PictureEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** How it is known; `read`: it is one that the other side reads. */
  readonly known: "own" | "told" | "proven" | "read";
  /** Its limits, in a few words. */
  readonly limits: string;
  readonly marks: readonly PictureMark[];
  /** How many instances the longest cycle has that it is part of; null for none. A pair of peers is one of two. */
  readonly cycle: number | null;
  /** Something has just gone over it. */
  readonly moving: boolean;
  /** On the way of the event that is looked at, or what stops it there; null when no event is. */
  readonly lit: Tone | null;
  readonly faint: boolean;
}

export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

/** What is selected: an instance or a link. */
export interface Selection {
  readonly kind: "node" | "edge";
  readonly id: string;
}

export const KNOWN_WORDS: Readonly<Record<PictureEdge["known"], string>> = {
  own: "set here",
  told: "told by a peer",
  proven: "proven by events only",
  read: "read by the peer",
};

/** Most peers are a pair, and no cycle that anybody would look for on the map: longer ones are outlined. */
export const isOutlined = ({ cycle }: Pick<PictureEdge, "cycle">): boolean => cycle !== null && cycle > 2;

/** `up to 3 hops, all types`; what nobody told is not guessed. */
export function limitWords(scopes: readonly string[] | null, maxHops: number | null): string {
  if (scopes === null || maxHops === null) return "limits not known";
  if (scopes.length === 0) return "sends nothing";
  const [first = ""] = scopes;
  const types = scopes.includes("*") ? "all types" : scopes.length === 1 ? first : `${scopes.length} scopes`;
  return `≤ ${maxHops} ${maxHops === 1 ? "hop" : "hops"}, ${types}`;
}

/** All that an edge says, as one sentence for who cannot see it. */
export function edgeSentence(edge: PictureEdge, nameOf: (key: string) => string): string {
  const parts = [
    `Link from ${nameOf(edge.from)} to ${nameOf(edge.to)}`,
    KNOWN_WORDS[edge.known],
    edge.limits.replace("≤", "up to"),
    ...edge.marks.map(({ text }) => text),
  ];
  return parts.join(", ");
}
