import type { RefusalView } from "../../../shared/contract/index.ts";
import { durationWords } from "../../ui/time-words.ts";

type Evidence = RefusalView["evidence"];

/** What the members of the evidence are called where a person reads them; the rest keep their own names. */
const NAMES: Readonly<Record<string, string>> = {
  provider: "Provider",
  header: "Header",
  problem: "Problem",
  secrets_tried: "Secret versions tried",
  expired_at: "Old secret was good until",
  expired_s_ago: "Old secret ended",
  timestamp: "Time in the request",
  off_by_s: "Off by",
  tolerance_s: "Allowed",
  body_bytes: "Body",
  bearer: "Bearer token",
  signature: "Signature",
  presented: "Token came",
  presented_prefix: "Token begins",
  expected_prefix: "Expected to begin",
  token_of: "Token belongs to",
  urls: "URLs tried",
  part: "Part that differs",
  limit: "Limit, requests a second",
};

const PRESENTED: Readonly<Record<string, string>> = {
  none: "not at all",
  path: "at the end of the URL",
  bearer: "as Authorization: Bearer",
};

function wordsOf(name: string, value: Evidence[string]): string {
  if (typeof value === "number") {
    if (name === "off_by_s") return `${durationWords(Math.abs(value) * 1_000)} in the ${value < 0 ? "future" : "past"}`;
    if (name === "tolerance_s") return durationWords(value * 1_000);
    if (name === "expired_s_ago") return `${durationWords(value * 1_000)} before this request`;
    if (name === "body_bytes") return `${value} bytes`;
    if (name === "timestamp") return new Date(value * 1_000).toISOString();
  }
  if (typeof value === "string") {
    if (name === "presented") return PRESENTED[value] ?? value;
    if (name.endsWith("_prefix")) return `khk_${value}`;
    if (name === "problem") return value.replaceAll("_", " ");
  }
  if (value === null) return "none";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** What was compared, name by name, as people read it. */
export const evidenceFacts = (evidence: Evidence): readonly (readonly [string, string])[] =>
  Object.entries(evidence).map(([name, value]) => [NAMES[name] ?? name.replaceAll("_", " "), wordsOf(name, value)]);
