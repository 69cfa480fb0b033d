import { useNow } from "../data/ticker.ts";
import { absoluteWords, agoWords, durationWords } from "./time-words.ts";

/** How long ago, by the hub's clock; the time itself on hover. */
export function Time({ at }: { at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={absoluteWords(at)}>
      {agoWords(at, now)}
    </time>
  );
}

/** How long until, by the hub's clock. */
export function Countdown({ to, due = "due now" }: { to: number; due?: string }) {
  const now = useNow();
  return (
    <time dateTime={new Date(to).toISOString()} title={absoluteWords(to)}>
      {to <= now ? due : `in ${durationWords(Math.ceil((to - now) / 1_000) * 1_000)}`}
    </time>
  );
}
