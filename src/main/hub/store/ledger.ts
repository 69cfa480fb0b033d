/** What the hub remembers, read in pages: entries, attempts, decisions, outcomes, events, ways, counts and refusals. */
export * from "./ledger-attempts.ts";
export * from "./ledger-counts.ts";
export * from "./ledger-dead.ts";
export * from "./ledger-decisions.ts";
export * from "./ledger-entries.ts";
export * from "./ledger-events.ts";
export * from "./ledger-refusals.ts";
export * from "./ledger-ways.ts";
