import type { LabView } from "../../../shared/contract/index.ts";
import { sayFault } from "../../../shared/lab/index.ts";
import type { Shape, Tone } from "../../ui/mark.tsx";
import { countOf } from "../../ui/time-words.ts";
import { faultMark } from "./fault-words.ts";

export type LabLink = LabView["links"][number];

/** A link as it is shown: by tone, by shape and in words. */
export interface LinkLook {
  readonly tone: Tone;
  readonly shape: Shape;
  /** What is out of the ordinary, in a word or two; null when nothing is. */
  readonly mark: string | null;
  readonly broken: boolean;
  readonly sentence: string;
}

export function lookOfLink(link: LabLink): LinkLook {
  const { fault, paused, waiting, delivered, dead, stopped } = link;
  const owes = waiting === 0 ? "" : `${waiting} waiting`;
  const numbers = [
    `${delivered} delivered`,
    ...(waiting === 0 ? [] : [owes]),
    ...(dead === 0 ? [] : [countOf(dead, "dead letter")]),
    ...(stopped === 0 ? [] : [`${stopped} stopped by a rule`]),
  ].join(", ");
  const marked = (word: string): string => (owes === "" ? word : `${word}, ${owes}`);
  if (fault !== null)
    return {
      tone: "fail",
      shape: "cross",
      mark: marked(faultMark(fault)),
      broken: true,
      sentence: `${sayFault(fault)}; ${numbers}`,
    };
  if (paused)
    return { tone: "idle", shape: "pause", mark: marked("paused"), broken: true, sentence: `paused; ${numbers}` };
  if (dead > 0) return { tone: "fail", shape: "warning", mark: `${dead} dead`, broken: false, sentence: numbers };
  if (waiting > 0) return { tone: "wait", shape: "clock", mark: owes, broken: false, sentence: numbers };
  if (stopped > 0)
    return { tone: "idle", shape: "barred", mark: `${stopped} stopped`, broken: false, sentence: numbers };
  return { tone: "ok", shape: "dot", mark: null, broken: false, sentence: numbers };
}
