import type { TopologyEdge, TopologyNode, TopologyStep, TopologyView } from "../../../shared/contract/index.ts";
import { stopWords } from "../../map/evidence-words.ts";
import { limitWords, type Picture, type PictureEdge, type PictureMark } from "../../map/picture.ts";
import { reasonWords } from "../../ui/outcome.tsx";
import { countWords } from "../../ui/time-words.ts";

export interface Looks {
  /** The way of the event that is looked at; null: of none. */
  readonly steps: readonly TopologyStep[] | null;
  /** Links over which something has just gone. */
  readonly moving: ReadonlySet<string>;
  readonly silent: boolean;
  /** Of links that are part of a cycle, how many instances it has. */
  readonly cycles: ReadonlyMap<string, number>;
}

/** A link that lets nothing through, and over which nothing went: the way back of a pair that sends one way. */
export const isSilent = ({ scopes, counts }: TopologyEdge): boolean =>
  scopes?.length === 0 && (counts === null || counts.received + counts.delivered + counts.dead + counts.retrying === 0);

/** The map as the Topology draws it: what went over each link, or the way of one event. */
export function topologyPicture(view: TopologyView, { steps, moving, silent, cycles }: Looks): Picture {
  const edges = view.edges
    .filter((edge) => silent || !isSilent(edge))
    .map((edge): PictureEdge => {
      const step = steps?.find((one) => one.edge === edge.id);
      const { id, from, to, kind, scopes, maxHops } = edge;
      return {
        id,
        from,
        to,
        known: kind === "read" ? "read" : edge.known,
        limits: kind === "read" ? "reads" : limitWords(scopes, maxHops),
        marks: [
          ...stateMarks(edge),
          ...(steps === null ? countMarks(edge) : step === undefined ? [] : [stepMark(step)]),
        ],
        cycle: cycles.get(id) ?? null,
        moving: moving.has(id),
        lit: step === undefined ? null : step.outcome === "dropped" ? "fail" : "ok",
        faint: steps !== null && step === undefined,
      };
    });
  const lit = new Set(edges.flatMap(({ from, to, lit: tone }) => (tone === "ok" ? [from, to] : [])));
  const nodes = view.nodes.map((node) => ({
    key: node.key,
    kind: node.kind,
    name: node.name,
    about: aboutNode(node, view),
    unknownBeyond: node.beyond === "unknown",
    mark: null,
    faint: steps !== null && node.kind !== "self" && !lit.has(node.key),
  }));
  return { nodes, edges };
}

function aboutNode({ kind, name, instanceId, url, known }: TopologyNode, view: TopologyView): string {
  if (kind === "self") return "this hub";
  const id = instanceId === name || instanceId === url ? "" : `, ${instanceId}`;
  if (kind === "peer") return `peer${id}`;
  const teller = known.find(({ by }) => by === "told")?.teller;
  if (teller === undefined || teller === null) return `seen in chains${id}`;
  return `told by ${view.nodes.find(({ key }) => key === teller)?.name ?? teller}`;
}

function stateMarks({ kind, state }: TopologyEdge): PictureMark[] {
  if (kind === "read" && state === "active") return [{ tone: "ok", shape: "tick", text: "connected" }];
  if (kind === "read" && state === "waiting") return [{ tone: "wait", shape: "clock", text: "not connected" }];
  switch (state) {
    case "paused":
      return [{ tone: "wait", shape: "pause", text: "paused" }];
    case "failing":
      return [{ tone: "fail", shape: "warning", text: "failing" }];
    case "waiting":
      return [{ tone: "wait", shape: "clock", text: "waiting for the other side" }];
    case "revoked":
      return [{ tone: "idle", shape: "barred", text: "revoked" }];
    default:
      return [];
  }
}

function countMarks({ counts }: TopologyEdge): PictureMark[] {
  if (counts === null) return [];
  const marks: (PictureMark | null)[] = [
    mark(counts.received, "ok", "arrow", "received"),
    mark(counts.delivered, "ok", "tick", "delivered"),
    mark(counts.duplicate, "idle", "ring", "duplicate"),
    mark(counts.retrying, "wait", "clock", counts.retrying === 1 ? "failed attempt" : "failed attempts"),
    mark(counts.dead, "fail", "cross", "dead"),
    ...counts.dropped.map(({ reason, count }) => mark(count, "idle", "barred", reasonWords(reason))),
  ];
  return marks.flatMap((one) => one ?? []);
}

function mark(count: number, tone: PictureMark["tone"], shape: PictureMark["shape"], word: string): PictureMark | null {
  return count === 0 ? null : { tone, shape, text: `${countWords(count)} ${word}` };
}

function stepMark({ outcome, reason, evidence }: TopologyStep): PictureMark {
  if (outcome === "came") return { tone: "ok", shape: "arrow", text: "it came this way" };
  if (outcome === "forwarded") return { tone: "ok", shape: "tick", text: "sent on" };
  return { tone: "fail", shape: "barred", text: stopWords(reason ?? "", evidence) };
}
