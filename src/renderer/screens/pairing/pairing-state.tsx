import type { PairingState } from "../../../shared/links/index.ts";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";

const LOOKS: Readonly<Record<PairingState, { tone: Tone; shape: Shape; word: string }>> = {
  offered: { tone: "wait", shape: "clock", word: "Waiting for the other side" },
  comparing: { tone: "busy", shape: "arrow", word: "Compare the words" },
  confirmed_here: { tone: "wait", shape: "clock", word: "Waiting for the other side" },
  confirmed_there: { tone: "busy", shape: "arrow", word: "Compare the words" },
  done: { tone: "ok", shape: "tick", word: "Paired" },
  refused: { tone: "fail", shape: "barred", word: "Refused" },
  expired: { tone: "fail", shape: "warning", word: "Expired" },
};

export function PairingStateMark({ state }: { state: PairingState }) {
  const { tone, shape, word } = LOOKS[state];
  return (
    <StateMark tone={tone} shape={shape}>
      {word}
    </StateMark>
  );
}
