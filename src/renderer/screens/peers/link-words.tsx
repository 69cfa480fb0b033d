import type { LinkDirection, LinkState } from "../../../shared/links/index.ts";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";

const LOOKS: Readonly<Record<LinkState, { tone: Tone; shape: Shape; word: string }>> = {
  waiting: { tone: "wait", shape: "clock", word: "Waiting for the other side" },
  active: { tone: "ok", shape: "tick", word: "Active" },
  paused: { tone: "idle", shape: "pause", word: "Paused" },
  failing: { tone: "fail", shape: "cross", word: "Failing" },
  revoked: { tone: "idle", shape: "barred", word: "Revoked" },
  expired: { tone: "fail", shape: "warning", word: "Expired" },
};

/** @param direction of a direction: what is not sent does not wait for the other side */
export function LinkStateMark({
  state,
  direction,
  short = false,
}: {
  state: LinkState;
  direction?: LinkDirection;
  short?: boolean;
}) {
  const { tone, shape, word } = LOOKS[state];
  if (state === "waiting" && direction === "push_out")
    return (
      <StateMark tone="idle" shape="ring">
        {short ? "Unused" : "Nothing sent yet"}
      </StateMark>
    );
  return (
    <StateMark tone={tone} shape={shape}>
      {short && state === "waiting" ? "Waiting" : word}
    </StateMark>
  );
}

export const DIRECTION_WORDS: Readonly<Record<LinkDirection, { name: string; about: string }>> = {
  push_out: { name: "Push out", about: "what this hub sends" },
  push_in: { name: "Push in", about: "what the peer sends here" },
  pull: { name: "Pull", about: "what this hub reads from the peer's stream" },
  read: { name: "Read", about: "what the peer reads from this hub's stream" },
};

/** `98.6 %`; nothing was tried: nothing was down. */
export const availabilityWords = (share: number | null): string =>
  share === null ? "not used" : share === 1 ? "100 %" : `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`;

/** What a sensible clock difference is not worth a word. */
const EXACT = 1_500;

export function clockWords(offset: number | null, words: (ms: number) => string): string {
  if (offset === null) return "not known";
  if (Math.abs(offset) < EXACT) return "same, within 1.5 s";
  return `${words(Math.abs(offset))} ${offset > 0 ? "ahead of" : "behind"} this hub`;
}
