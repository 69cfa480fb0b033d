import { type ExplainedReading, type Explanation, isPush, type TopologyMap } from "../../../shared/debugger/index.ts";
import type { PictureEdge, PictureMark } from "../../map/picture.ts";
import type { Look } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";

const LOOKS: Readonly<Record<ExplainedReading["outcome"], Look>> = {
  acknowledged: { tone: "ok", shape: "tick", word: "has read it" },
  sent: { tone: "busy", shape: "arrow", word: "sent, not acknowledged" },
  to_come: { tone: "wait", shape: "clock", word: "to come" },
  withheld: { tone: "fail", shape: "barred", word: "not shown" },
  not_known: { tone: "wait", shape: "warning", word: "not known" },
};

/** How a reading looks, with the rule where one withholds the event. That an internal event stays is no alarm. */
export function looksOfReading({ outcome, rule }: Pick<ExplainedReading, "outcome" | "rule">): Look {
  const { tone, shape, word } = LOOKS[outcome];
  if (outcome !== "withheld" || rule === null) return { tone, shape, word };
  return { tone: rule === "internal_event" ? "idle" : tone, shape, word: `${word}: ${reasonWords(rule)}` };
}

/** The mark of an instance that gets the event by its reading; null where it does not. */
export function readingMark({ readings }: Explanation, key: string): PictureMark | null {
  const reading = readings.find((one) => one.key === key);
  if (reading === undefined || reading.outcome === "withheld" || reading.outcome === "not_known") return null;
  const { tone, shape, word } = looksOfReading(reading);
  return { tone, shape, text: word };
}

/** Names a reading among the links of the map. */
export const readingId = ({ peerId }: Pick<ExplainedReading, "peerId">): string => `read ${peerId}`;

/** Links that are read, but for those of which the reader has told the limits: these are on the map already. */
export function readingEdges({ self, instances, links }: TopologyMap, explanation: Explanation | null): PictureEdge[] {
  if (self === null) return [];
  const told = new Set(links.filter((link) => link.from === self && !isPush(link)).map(({ to }) => to));
  return instances.flatMap(({ key, readsSelf }): PictureEdge[] => {
    const reading = explanation?.readings.find((one) => one.key === key);
    // Of a peer that goes by its id at this hub, that is the id of the link to it.
    const peerId = reading?.peerId ?? links.find((link) => link.from === self && link.to === key)?.id;
    if (told.has(key) || peerId === undefined || (reading === undefined && !readsSelf)) return [];
    const look = reading === undefined ? null : looksOfReading(reading);
    const lit = look === null || look.tone === "idle" ? null : look.tone;
    return [
      {
        ...{ id: readingId({ peerId }), from: self, to: key, known: "read", limits: "reads", lit },
        marks: look === null ? [] : [{ tone: look.tone, shape: look.shape, text: look.word }],
        ...{ cycle: null, moving: false, faint: explanation !== null && lit === null },
      },
    ];
  });
}
