import type { z } from "zod";
import { HubError } from "../../hub/index.ts";

/** What zod found first, as the error that names the member at fault. */
export function firstProblem(error: z.ZodError): HubError {
  const [issue] = error.issues;
  const field = issue?.path.map(String).join(".") ?? "";
  return new HubError("bad_request", `${field}: ${issue?.message ?? "is malformed"}.`, { field: field || null });
}
