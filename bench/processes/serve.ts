import { z } from "zod";
import type { Call } from "./calls.ts";

const Question = z.object({ id: z.int(), call: z.string(), input: z.unknown() });

/** Tells the asker that a point of the work was reached, before the answer is there. */
export type Mark = (name: string) => void;

/** A call with what answers it. */
export interface Service {
  readonly name: string;
  readonly answer: (input: unknown, mark: Mark) => Promise<unknown>;
}

export function service<I, O>(call: Call<I, O>, answer: (input: I, mark: Mark) => Promise<O>): Service {
  return { name: call.name, answer: (input, mark) => answer(call.input.parse(input), mark) };
}

/**
 * Makes this process a worker of the bench: it answers the calls of its parent, and ends when the parent lets go of it
 * or dies.
 */
export function serve(...services: readonly Service[]): void {
  // In a terminal, Ctrl-C reaches every process; the parent ends its workers when it has stopped what they talk to.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message) => {
    const { id, call, input } = Question.parse(message);
    const tell = (part: Record<string, unknown>): void => {
      if (process.connected) process.send?.({ id, ...part });
    };
    const found = services.find(({ name }) => name === call);
    const answer = found?.answer(input, (mark) => tell({ mark })) ?? Promise.reject(new Error(`no service ${call}`));
    answer.then(
      (output) => tell({ output }),
      (error) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
