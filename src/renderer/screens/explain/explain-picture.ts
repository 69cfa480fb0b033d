import type {
  Difference,
  ExplainedLink,
  Explanation,
  LinkSaying,
  MapLink,
  TopologyMap,
} from "../../../shared/debugger/index.ts";
import { stopWords } from "../../map/evidence-words.ts";
import { limitWords, type Picture, type PictureEdge, type PictureMark, type PictureNode } from "../../map/picture.ts";
import type { Shape, Tone } from "../../ui/mark.tsx";
import { countOf } from "../../ui/time-words.ts";
import { readingEdges, readingMark } from "./reading-looks.ts";

const OUTCOME_LOOKS: Readonly<Record<LinkSaying["outcome"], readonly [Tone, Shape, string]>> = {
  delivered: ["ok", "tick", "gets it"],
  duplicate: ["idle", "ring", "duplicate"],
  stopped: ["fail", "barred", "stopped"],
  refused: ["fail", "cross", "refused"],
  unknown: ["wait", "warning", "not known"],
};

/** That an event is not sent back to where it has been, or that an internal one stays, is as it should be, and no alarm. */
const IN_ORDER: ReadonlySet<LinkSaying["reason"]> = new Set(["loop", "internal_event"]);

/** How an outcome looks. */
export function looksOf({ outcome, reason }: Pick<LinkSaying, "outcome" | "reason">): readonly [Tone, Shape, string] {
  const [tone, shape, word] = OUTCOME_LOOKS[outcome];
  return IN_ORDER.has(reason) ? ["idle", shape, word] : [tone, shape, word];
}

/** A way back that lets nothing through, whatever the event: no answer to where this one goes. */
export const sendsNothing = ({ policy }: MapLink): boolean =>
  policy !== null && (policy.receiveOnly || policy.scopes.length === 0);

/** The map with the way of one event: what each link does with it, and who has it in the end. */
export function explainPicture(
  map: TopologyMap,
  explanation: Explanation | null,
  difference: Difference | null,
): Picture {
  const sayings = new Map((explanation?.links ?? []).map((link) => [link.id, link]));
  const changed = new Set(difference?.links.map(({ id }) => id));
  const links = map.links.filter((link) => !sendsNothing(link) || changed.has(link.id));
  const edges = links.map((link): PictureEdge => {
    const saying = sayings.get(link.id);
    const known = link.known.some(({ by }) => by === "own")
      ? "own"
      : link.known.some(({ by }) => by === "told")
        ? "told"
        : "proven";
    const { policy } = link;
    return {
      id: link.id,
      from: link.from,
      to: link.to,
      known: link.known.length === 0 ? "own" : known,
      limits: limitWords(policy?.scopes ?? null, policy?.maxHops ?? null),
      marks: [
        ...(link.known.length === 0 ? [{ tone: "busy", shape: "arrow", text: "new" } as const] : []),
        ...(saying === undefined ? [] : [linkMark(saying)]),
        ...(changed.has(link.id) ? [{ tone: "busy", shape: "warning", text: "changed" } as const] : []),
      ],
      cycle: null,
      moving: false,
      lit: saying === undefined ? null : litTone(saying),
      faint: explanation !== null && (saying === undefined || litTone(saying) === null),
    };
  });
  const read = readingEdges(map, explanation);
  const nodes = map.instances.map((instance) => nodeOf(instance, map, explanation, difference));
  return { nodes, edges: [...edges, ...read] };
}

function linkMark(saying: ExplainedLink): PictureMark {
  const [tone, shape, word] = looksOf(saying);
  if (saying.outcome === "stopped" || saying.outcome === "refused")
    return { tone, shape, text: stopWords(saying.reason ?? word, saying.evidence) };
  if (saying.outcome === "unknown") return { tone, shape, text: word };
  if (saying.waits) return { tone: "wait", shape: "pause", text: `hop ${saying.hop}, waits` };
  return { tone, shape, text: saying.outcome === "delivered" ? `hop ${saying.hop}` : `hop ${saying.hop}, ${word}` };
}

const litTone = (saying: ExplainedLink): Tone | null => {
  const [tone] = looksOf(saying);
  return tone === "idle" ? null : saying.waits ? "wait" : tone;
};

const CHANGE_WORDS = { gained: "gets it now", lost: "gets it no more", moved: "by another way" } as const;

function nodeOf(
  { key, kind, name, instanceId, beyond }: TopologyMap["instances"][number],
  map: TopologyMap,
  explanation: Explanation | null,
  difference: Difference | null,
): PictureNode {
  const reached = explanation?.instances.find((instance) => instance.key === key);
  const read = explanation === null ? null : readingMark(explanation, key);
  const missed = explanation?.missed.find((instance) => instance.key === key);
  const change = difference?.instances.find((instance) => instance.key === key)?.change;
  const place = key === map.self ? "this hub" : kind === "peer" ? "peer" : "behind a peer";
  const words = change === undefined ? "" : `${CHANGE_WORDS[change]}: `;
  const mark: PictureMark | null =
    reached !== undefined
      ? {
          tone: reached.waits ? "wait" : "ok",
          shape: reached.waits ? "pause" : "tick",
          text: `${words}${key === explanation?.at ? "starts here" : change === undefined ? reachWords(reached) : `hop ${reached.hops}`}`,
        }
      : explanation === null
        ? null
        : read !== null
          ? read
          : missed === undefined
            ? {
                tone: "ok",
                shape: "arrow",
                text: instanceId === explanation.event.provenance.origin ? "it came from here" : "it came by here",
              }
            : missed.perhaps
              ? { tone: "wait", shape: "warning", text: `${words}not known` }
              : { tone: "fail", shape: "barred", text: `${words}does not get it` };
  return { key, kind, name, about: place, unknownBeyond: beyond === "unknown", mark, faint: false };
}

/** `hop 2, 2 copies, keeps 1`. */
export function reachWords({ hops, received, kept, waits }: Explanation["instances"][number]): string {
  const copies = received === 1 ? "" : `, ${countOf(received, "copy", "copies")}, keeps ${kept}`;
  return `${waits ? "waits, " : ""}hop ${hops}${copies}`;
}
