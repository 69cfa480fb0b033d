/** What an error says to a person. The hub's messages are sentences already. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== ""
    ? error.message
    : "Something went wrong, and nothing says what.";
}

/** The member of the input that a call was refused for, where it names one. */
function fieldAtFault(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("data" in error)) return null;
  const { data } = error;
  if (typeof data !== "object" || data === null || !("field" in data)) return null;
  return typeof data.field === "string" ? data.field : null;
}

/** Errors of a form: each beside its field, and what belongs to no field of `fields` by itself. */
export function problemsOf<F extends string>(
  error: unknown,
  fields: readonly F[],
): Partial<Record<F | "form", string>> {
  if (error === null || error === undefined) return {};
  const at = fieldAtFault(error);
  const field = fields.find((each) => each === at);
  return { [field ?? "form"]: messageOf(error) } as Partial<Record<F | "form", string>>;
}
