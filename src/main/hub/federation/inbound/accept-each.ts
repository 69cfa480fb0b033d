import { HubError } from "../../errors.ts";
import type { Acceptor, AcceptResult, Candidate } from "../../model.ts";

/** One answer for each; an event that the database refuses fails alone. @throws HubError when trying again can help */
export async function acceptEach(
  acceptor: Acceptor,
  candidates: readonly Candidate[],
): Promise<(AcceptResult | HubError)[]> {
  try {
    return await acceptor.acceptMany(candidates);
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== "unstorable") throw error;
  }
  // What was taken the first time answers as a duplicate now, which is a success for the sender just the same.
  return Promise.all(
    candidates.map((candidate) =>
      acceptor.accept(candidate).catch((error: unknown) => {
        if (error instanceof HubError && error.code === "unstorable") return error;
        throw error;
      }),
    ),
  );
}
