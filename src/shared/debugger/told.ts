import type { PeerPolicy } from "../rules/index.ts";

/** A peer as another instance's `/api/federation/peers` lists it. Hosted Kites say less than we do. */
export interface ToldPeer {
  readonly id: string;
  readonly name: string;
  readonly status: PeerPolicy["status"];
  readonly hookUrl: string;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes?: number | undefined;
  readonly instanceId?: string | null | undefined;
  readonly revision?: number | undefined;
}

/** What one of our peers told when it was asked, and when that was (milliseconds since 1970). */
export interface ToldRegistry {
  readonly peerId: string;
  readonly at: number;
  readonly peers: readonly ToldPeer[];
}

/** A link of its own that a hub like this one tells its peers of: what it lets through, and neither token nor address. */
export interface ToldLink {
  /** As the hub that tells it names it. */
  readonly id: string;
  /** `push`: from the hub that tells it. `pull`: to it, by its own limits. */
  readonly direction: "push" | "pull";
  /** What the hub that tells calls the other end. */
  readonly name: string;
  readonly instanceId: string | null;
  /** Stands for the address of the other end; equal for equal addresses. */
  readonly place: string | null;
  readonly status: PeerPolicy["status"];
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
  readonly receiveOnly: boolean;
  readonly revision: number;
}

/** All links that one hub has told of, at first hand or by a peer of ours that passes it on. */
export interface Telling {
  /** Instance id of the hub whose links they are. */
  readonly teller: string;
  /** Id of our peer from which it came. */
  readonly via: string;
  /** When the hub told it, by the clock here. Milliseconds since 1970. */
  readonly at: number;
  /** How many hubs it has come over: 1 at first hand. */
  readonly away: number;
  readonly links: readonly ToldLink[];
}
