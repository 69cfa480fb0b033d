import type { EntryDetailView } from "../../../shared/contract/index.ts";

/** One attempt of the whole schedule: made, the one that comes next, or one of those after it. */
export interface Mark {
  readonly attempt: number;
  readonly state: "delivered" | "failed" | "next" | "planned";
  /** Its place from the left, 0 to 1. */
  readonly place: number;
  /** When it was made or is due; null while the first has not been made. */
  readonly at: number | null;
  readonly age: number;
}

/** The schedule as marks. Each tenfold of age has the same width, for the first waits are seconds and the last are hours. */
export function marksOf({ schedule, attempts, tries, state }: EntryDetailView): Mark[] {
  const horizon = schedule.at(-1)?.age ?? 0;
  // The present round of attempts; a replay began the schedule anew, and kept the attempts.
  const round = [...attempts].sort((a, b) => a.at - b.at).slice(-tries || attempts.length);
  const first = round[0]?.at ?? null;
  const placeOf = (age: number): number =>
    horizon <= 0 ? 0 : Math.log10(1 + age / 1_000) / Math.log10(1 + horizon / 1_000);
  const made = round.slice(0, tries).map((attempt, at): Mark => {
    const age = first === null ? 0 : attempt.at - first;
    const delivered = state === "delivered" && at === tries - 1;
    return {
      attempt: at + 1,
      state: delivered ? "delivered" : "failed",
      place: Math.min(1, placeOf(age)),
      at: attempt.at,
      age,
    };
  });
  if (state !== "pending" && state !== "sending") return made;
  const planned = schedule
    .filter(({ made: done }) => !done)
    .map(
      ({ attempt, age, dueAt }, at): Mark => ({
        attempt,
        state: at === 0 ? "next" : "planned",
        place: placeOf(age),
        at: dueAt,
        age,
      }),
    );
  return [...made, ...planned];
}
