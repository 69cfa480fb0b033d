import { messageOf } from "../data/error-message.ts";

/** What is wrong with a text that should be JSON; null when nothing is. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is not JSON: ${messageOf(error)}`;
  }
}
