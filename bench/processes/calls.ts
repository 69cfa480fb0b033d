import type { z } from "zod";

/** Something one process of the bench asks of another: its name, and what goes there and comes back. */
export interface Call<I, O> {
  readonly name: string;
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
}

export function defineCall<I, O>(name: string, input: z.ZodType<I>, output: z.ZodType<O>): Call<I, O> {
  return { name, input, output };
}
