import { isIP, isIPv4 } from "node:net";
import { clipped } from "../../../../shared/clipped.ts";

/**
 * Which addresses a peer may have. A peer's URL is written by a user or comes with a pairing, and its answers can be
 * read in the console: without these rules it would be a way to look around in somebody's network, or to ask a cloud
 * machine for its credentials. Addresses are compared as numbers, and those that carry an IPv4 address inside are
 * judged by it.
 */

/** `forbidden` addresses are never a peer's, whatever is allowed: link-local, cloud metadata, multicast, reserved. */
export type AddressClass = "public" | "private" | "loopback" | "forbidden";

export interface ClassifiedAddress {
  readonly class: AddressClass;
  /** The range it lies in, for people. */
  readonly range: string;
}

/** What has to be known of a peer's URL to judge the addresses that its host resolves to. */
export interface PeerTarget {
  readonly host: string;
  /** https: what is sent cannot be read on the way. */
  readonly secure: boolean;
  /** The host is `localhost` or a loopback address, so a loopback address is what the user meant. */
  readonly loopbackHost: boolean;
  readonly allowPrivate: boolean;
}

export type PeerUrl =
  | { readonly ok: true; readonly url: URL; readonly target: PeerTarget }
  | { readonly ok: false; readonly problem: string };

type Range = readonly [prefix: string, bits: number, kind: AddressClass, name: string];

const METADATA = "the address of a cloud's metadata service";

const IPV4_RANGES: readonly Range[] = [
  ["0.0.0.0", 8, "forbidden", "“this network”, 0.0.0.0/8"],
  ["10.0.0.0", 8, "private", "the private range 10.0.0.0/8"],
  ["100.100.100.200", 32, "forbidden", METADATA],
  ["100.64.0.0", 10, "private", "the shared range 100.64.0.0/10"],
  ["127.0.0.0", 8, "loopback", "loopback, 127.0.0.0/8"],
  ["169.254.0.0", 16, "forbidden", "link-local, 169.254.0.0/16, where clouds have their metadata services"],
  ["172.16.0.0", 12, "private", "the private range 172.16.0.0/12"],
  ["192.0.0.0", 24, "forbidden", "the protocol range 192.0.0.0/24"],
  ["192.0.2.0", 24, "forbidden", "the documentation range 192.0.2.0/24"],
  ["192.88.99.0", 24, "forbidden", "the relay range 192.88.99.0/24"],
  ["192.168.0.0", 16, "private", "the private range 192.168.0.0/16"],
  ["198.18.0.0", 15, "private", "the benchmark range 198.18.0.0/15"],
  ["198.51.100.0", 24, "forbidden", "the documentation range 198.51.100.0/24"],
  ["203.0.113.0", 24, "forbidden", "the documentation range 203.0.113.0/24"],
  ["224.0.0.0", 4, "forbidden", "multicast, 224.0.0.0/4"],
  ["240.0.0.0", 4, "forbidden", "the reserved range 240.0.0.0/4"],
];

const IPV6_RANGES: readonly Range[] = [
  ["::", 128, "forbidden", "the unspecified address ::"],
  ["::1", 128, "loopback", "loopback, ::1"],
  ["fd00:ec2::254", 128, "forbidden", METADATA],
  ["fd20:ce::254", 128, "forbidden", METADATA],
  ["2001:10::", 28, "forbidden", "the identifier range 2001:10::/28"],
  ["2001:20::", 28, "forbidden", "the identifier range 2001:20::/28"],
  ["2001:db8::", 32, "forbidden", "the documentation range 2001:db8::/32"],
  ["3fff::", 20, "forbidden", "the documentation range 3fff::/20"],
  ["2000::", 3, "public", "a public address"],
  ["fc00::", 7, "private", "the private range fc00::/7"],
  ["fe80::", 10, "forbidden", "link-local, fe80::/10"],
  ["fec0::", 10, "private", "the site-local range fec0::/10"],
  ["ff00::", 8, "forbidden", "multicast, ff00::/8"],
];

/** IPv6 ranges whose addresses stand for IPv4 addresses: at which of the eight groups, and whether inverted. */
const EMBEDDING: readonly { prefix: string; bits: number; at: readonly number[]; inverted?: number; name: string }[] = [
  { prefix: "::", bits: 96, at: [6], name: "IPv4-compatible" },
  { prefix: "::ffff:0:0", bits: 96, at: [6], name: "IPv4-mapped" },
  { prefix: "::ffff:0:0:0", bits: 96, at: [6], name: "IPv4-translated" },
  { prefix: "64:ff9b::", bits: 96, at: [6], name: "NAT64" },
  { prefix: "64:ff9b:1::", bits: 48, at: [6], name: "local NAT64" },
  { prefix: "2002::", bits: 16, at: [1], name: "6to4" },
  { prefix: "2001::", bits: 32, at: [2], inverted: 6, name: "Teredo" },
];

const SEVERITY: readonly AddressClass[] = ["public", "private", "loopback", "forbidden"];

/** What an IP address (in any notation `node:net` takes for one) is. Anything else is forbidden. */
export function classifyAddress(address: string): ClassifiedAddress {
  const bare = address.replace(/%.*$/, "");
  switch (isIP(bare)) {
    case 4:
      return classifyV4(bare);
    case 6:
      return classifyV6(groupsOf(bare));
    default:
      return { class: "forbidden", range: "no IP address at all" };
  }
}

function classifyV4(address: string): ClassifiedAddress {
  const bits = bitsOfV4(address);
  const range = IPV4_RANGES.find(([prefix, length]) => bits.startsWith(bitsOfV4(prefix).slice(0, length)));
  return range === undefined ? { class: "public", range: "a public address" } : { class: range[2], range: range[3] };
}

function classifyV6(groups: readonly number[]): ClassifiedAddress {
  const bits = bitsOf(groups, 16);
  const within = (prefix: string, length: number): boolean =>
    bits.startsWith(bitsOf(groupsOf(prefix), 16).slice(0, length));

  // Whole addresses first: ::1 lies in the IPv4-compatible range, and is something else.
  const exact = IPV6_RANGES.find(([prefix, length]) => length === 128 && within(prefix, length));
  if (exact !== undefined) return { class: exact[2], range: exact[3] };
  const embedding = EMBEDDING.find(({ prefix, bits: length }) => within(prefix, length));
  if (embedding !== undefined) {
    const carried = embedding.at.map((at) => classifyV4(v4At(groups, at, 0)));
    if (embedding.inverted !== undefined) carried.push(classifyV4(v4At(groups, embedding.inverted, 0xffff)));
    // A translator of one's own network leads into it.
    if (embedding.name === "local NAT64") carried.push({ class: "private", range: "64:ff9b:1::/48" });
    const worst = carried.reduce((a, b) => (SEVERITY.indexOf(b.class) > SEVERITY.indexOf(a.class) ? b : a));
    return { class: worst.class, range: `${worst.range} (${embedding.name})` };
  }
  const range = IPV6_RANGES.find(([prefix, length]) => within(prefix, length));
  return range === undefined
    ? { class: "forbidden", range: "no range that is in use" }
    : { class: range[2], range: range[3] };
}

/**
 * May the peer be reached at this address? Null when it may, otherwise why not and how to mend it. Every address that
 * a name resolves to is asked for, and the connection is made to exactly these.
 */
export function refuseAddress(address: string, target: PeerTarget): string | null {
  const { class: kind, range } = classifyAddress(address);
  const where = address === target.host ? address : `${target.host} is at ${address}, which`;
  switch (kind) {
    case "forbidden":
      return `${where} lies in ${range}: no peer may be there.`;
    case "loopback":
      if (target.loopbackHost || target.allowPrivate) return null;
      return `${where} lies in ${range}: let the peer be at an address of your own network (allow_private) if it runs on this machine.`;
    case "private":
      if (target.allowPrivate) return null;
      return `${where} lies in ${range}: let the peer be at an address of your own network (allow_private) if it is there.`;
    case "public":
      if (target.loopbackHost) return `${where} is not on this machine, though the name says so.`;
      if (!target.secure)
        return `${where} is a public address, and http would show token and events on the way: use https.`;
      return null;
  }
}

/**
 * Reads a peer's hook URL: https, or http to this machine (kite-wire.md 11.1); with `allowPrivate` also http to one's
 * own network. A name is judged again by each address that it resolves to, see {@link refuseAddress}.
 */
export function readPeerUrl(text: string, allowPrivate: boolean): PeerUrl {
  const no = (problem: string): PeerUrl => ({ ok: false, problem });
  if (!URL.canParse(text)) return no(`"${clipped(text, 100)}" is not a URL; write https://host/hooks/{team}/kite.`);
  // The URL parser turns decimal, octal, hexadecimal and shortened IPv4 addresses into the usual form.
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return no(`A peer's URL begins with https:// or http://, not with ${url.protocol}//.`);
  if (url.username !== "" || url.password !== "")
    return no("A peer's URL may not hold a user name or a password: the outbound token is what authenticates.");

  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (host === "") return no(`"${text}" has no host.`);
  const literal = isIP(host) !== 0;
  const loopbackHost = literal
    ? classifyAddress(host).class === "loopback"
    : host === "localhost" || host.endsWith(".localhost");
  const target: PeerTarget = { host, secure: url.protocol === "https:", loopbackHost, allowPrivate };
  const refusal = literal ? refuseAddress(host, target) : null;
  if (refusal !== null) return no(refusal);
  if (!target.secure && !loopbackHost && !allowPrivate)
    return no(
      `http is for peers on this machine (localhost, 127.*, [::1]): use https for ${host}, ` +
        "or allow an address of your own network (allow_private).",
    );
  return { ok: true, url, target };
}

const bitsOf = (parts: readonly number[], width: number): string =>
  parts.map((part) => part.toString(2).padStart(width, "0")).join("");

const bitsOfV4 = (address: string): string => bitsOf(address.split(".").map(Number), 8);

function v4At(groups: readonly number[], at: number, mask: number): string {
  const high = (groups[at] ?? 0) ^ mask;
  const low = (groups[at + 1] ?? 0) ^ mask;
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const left = readGroups(head);
  if (tail === undefined) return left;
  const right = readGroups(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function readGroups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!isIPv4(part)) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
