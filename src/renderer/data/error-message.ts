/** What an error says to a person. The hub's messages are sentences already. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== ""
    ? error.message
    : "Something went wrong, and nothing says what.";
}
