import type { Topology } from "../../../shared/rules/index.ts";

/** A place on a map one wide and one high. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

type Shape = Pick<Topology, "instances" | "links">;

/** Where the instances of a lab stand on its map, so that its shape is seen: a row, a star, ranks, or a circle. */
export function placesOf(topology: Shape): ReadonlyMap<string, Place> {
  const keys = topology.instances.map(({ key }) => key);
  const [first = ""] = keys;
  const near = neighbours(topology);
  const degree = (key: string): number => near.get(key)?.size ?? 0;
  const middle = keys.find((key) => keys.length > 3 && degree(key) === keys.length - 1);
  if (middle !== undefined && keys.every((key) => key === middle || degree(key) === 1))
    return new Map([[middle, { x: 0.5, y: 0.5 }], ...circle(keys.filter((key) => key !== middle))]);
  const ranks = isBothWays(topology) && !hasCycle(near, keys) ? ranksFrom(first, near) : longestRanks(topology);
  return ranks === null || ranks.size < keys.length ? circle(keys) : inRanks(ranks);
}

function neighbours({ instances, links }: Shape): ReadonlyMap<string, ReadonlySet<string>> {
  const near = new Map(instances.map(({ key }) => [key, new Set<string>()]));
  for (const { from, to } of links) {
    near.get(from)?.add(to);
    near.get(to)?.add(from);
  }
  return near;
}

const isBothWays = ({ links }: Shape): boolean =>
  links.some(({ from, to }) => links.some((back) => back.from === to && back.to === from));

/** A connected graph without a cycle has one line less than nodes. */
function hasCycle(near: ReadonlyMap<string, ReadonlySet<string>>, keys: readonly string[]): boolean {
  const ends = keys.reduce((sum, key) => sum + (near.get(key)?.size ?? 0), 0);
  return ends / 2 >= keys.length;
}

function ranksFrom(first: string, near: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, number> {
  const ranks = new Map([[first, 0]]);
  for (const [key, rank] of ranks)
    for (const next of near.get(key) ?? []) if (!ranks.has(next)) ranks.set(next, rank + 1);
  return ranks;
}

/** The longest way to each instance; null when one of them leads round. */
function longestRanks({ instances, links }: Shape): ReadonlyMap<string, number> | null {
  const ranks = new Map(instances.map(({ key }) => [key, 0]));
  for (let round = 0; round <= instances.length; round++) {
    let moved = false;
    for (const { from, to } of links) {
      const least = (ranks.get(from) ?? 0) + 1;
      if ((ranks.get(to) ?? 0) >= least) continue;
      ranks.set(to, least);
      moved = true;
    }
    if (!moved) return ranks;
  }
  return null;
}

function inRanks(ranks: ReadonlyMap<string, number>): Map<string, Place> {
  const last = Math.max(1, ...ranks.values());
  const columns = Map.groupBy([...ranks], ([, rank]) => rank);
  return new Map(
    [...columns].flatMap(([rank, members]) =>
      members.map(([key], at): [string, Place] => [key, { x: rank / last, y: (at + 0.5) / members.length }]),
    ),
  );
}

/** Clockwise from the top. */
function circle(keys: readonly string[]): Map<string, Place> {
  return new Map(
    keys.map((key, at) => {
      const angle = (at / keys.length) * 2 * Math.PI - Math.PI / 2;
      return [key, { x: 0.5 + Math.cos(angle) / 2, y: 0.5 + Math.sin(angle) / 2 }];
    }),
  );
}

/** How a link is drawn: a curve in pixels, where its label stands, and the head of its arrow. */
export interface Arc {
  readonly path: string;
  readonly label: Place;
  readonly head: string;
}

/**
 * @param radius what is left free around both ends
 * @param others centres of the other instances, which the line goes round
 */
export function arcOf(from: Place, to: Place, radius: number, hasBack: boolean, others: readonly Place[]): Arc {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const isInTheWay = others.some((one) => {
    const along = (one.x - from.x) * ux + (one.y - from.y) * uy;
    const aside = Math.abs((one.x - from.x) * uy - (one.y - from.y) * ux);
    return along > radius && along < length - radius && aside < radius * 1.2;
  });
  const bend = isInTheWay ? radius * 3.6 : hasBack ? radius * 0.9 : 0;
  const control = { x: (from.x + to.x) / 2 + uy * bend, y: (from.y + to.y) / 2 - ux * bend };
  const start = towards(from, control, radius);
  const end = towards(to, control, radius + 2);
  const label = {
    x: (start.x + 2 * control.x + end.x) / 4,
    y: (start.y + 2 * control.y + end.y) / 4,
  };
  return {
    path: `M${at(start)}Q${at(control)} ${at(end)}`,
    label,
    head: headAt(end, control, Math.min(7, radius / 2)),
  };
}

function towards(from: Place, to: Place, by: number): Place {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + ((to.x - from.x) / length) * by, y: from.y + ((to.y - from.y) / length) * by };
}

function headAt(tip: Place, from: Place, size: number): string {
  const angle = Math.atan2(tip.y - from.y, tip.x - from.x);
  const corner = (turn: number): Place => ({
    x: tip.x - size * Math.cos(angle + turn),
    y: tip.y - size * Math.sin(angle + turn),
  });
  return `M${at(tip)}L${at(corner(0.45))}L${at(corner(-0.45))}Z`;
}

const at = ({ x, y }: Place): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
