import { reasonWords } from "../ui/outcome.tsx";

type Evidence = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

/** The values that a rule compared, in the order in which it names them: `hops 3`, `limit 3`. */
export function valueWords(evidence: Evidence | null): string[] {
  return Object.entries(evidence ?? {}).map(([name, value]) => {
    const words = Array.isArray(value) ? value.join(name === "chain" ? " → " : ", ") || "none" : String(value ?? "?");
    return `${reasonWords(name)} ${words}`;
  });
}

/** The rule in a few words for an edge: with the numbers where it compares numbers. */
export function stopWords(reason: string, evidence: Evidence | null): string {
  const [hops, limit] = [evidence?.["hops"], evidence?.["limit"]];
  if (reason === "hop_limit" && typeof hops === "number" && typeof limit === "number")
    return `hop ${hops + 1}, limit ${limit}`;
  return reasonWords(reason);
}
