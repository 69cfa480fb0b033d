import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Database } from "../../src/main/hub/store/database.ts";
import { lastFailuresStatement } from "../../src/main/hub/store/hook-activity.ts";
import {
  attemptsStatement,
  decisionsStatement,
  type EventQuery,
  entriesStatement,
  refusalsStatement,
  searchStatement,
} from "../../src/main/hub/store/ledger.ts";
import { prepareSegment } from "../../src/main/hub/store/segments.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { fillLedger } from "./large-ledger.ts";

/** So many rows of each kind that reading them all would show. */
const ROWS = 20_000;
const PEERS = 4;
const LIMIT = 51;
/**
 * A page may read, from each of a few indexes, what it shows; and it looks up the event of each row it shows. What a
 * statement reads must not depend on how much there is.
 */
const MOST_READ = 3_000;

const Plan: z.ZodType<Node> = z.lazy(() =>
  z.object({
    "Node Type": z.string(),
    "Relation Name": z.string().optional(),
    "Actual Rows": z.number(),
    "Actual Loops": z.number(),
    "Rows Removed by Filter": z.number().optional(),
    "Rows Removed by Index Recheck": z.number().optional(),
    Plans: z.array(Plan).optional(),
  }),
);
interface Node {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number | undefined;
  "Rows Removed by Index Recheck"?: number | undefined;
  Plans?: Node[] | undefined;
}

let database: TestDatabase;
let db: Database;
let peerId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = new Database({ connectionString: database.url }, 1, () => undefined);
  await prepareSegment(db, 2);
  peerId = await fillLedger(db, { rows: ROWS, peers: PEERS, segments: 2 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

async function nodes(statement: { text: string; values: unknown[] }): Promise<Node[]> {
  const { rows } = await db.query<{ "QUERY PLAN": unknown }>({
    text: `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${statement.text}`,
    values: statement.values,
  });
  const [explained] = z.array(z.object({ Plan })).parse(rows[0]?.["QUERY PLAN"]);
  return explained === undefined ? [] : nodesOf(explained.Plan);
}

const readBy = (node: Node): number =>
  (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0)) *
  node["Actual Loops"];

const team = "t";
const deep = ROWS / 2;
const entry = { team, peerId: null, state: null, cause: null, before: null, limit: LIMIT };
const attempt = { team, peerId: null, outcome: null, before: null, limit: LIMIT };
const decision = { team, seqs: null, peerId: null, outcome: null, reason: null, before: null, limit: LIMIT };
const refusal = { team, peerId: null, reason: null, hook: null, before: null, limit: LIMIT };
const event: EventQuery = {
  ...{ team, id: null, source: null, type: null, hook: null, agentTo: null, peerId: null },
  ...{ since: null, until: null, before: null, limit: LIMIT },
};

describe("a page of the ledger costs the same, however long the ledger is", () => {
  const before = { seq: deep, peer: 2, gen: 0 };
  it.each([
    ["entries", () => entriesStatement(entry)],
    ["entries, far in", () => entriesStatement({ ...entry, before })],
    ["entries of a peer", () => entriesStatement({ ...entry, peerId, before })],
    ["pending entries", () => entriesStatement({ ...entry, state: "pending", before })],
    ["delivered entries", () => entriesStatement({ ...entry, state: "delivered", before })],
    ["dead letters", () => entriesStatement({ ...entry, state: "dead", before })],
    [
      "dead letters of a peer and a cause",
      () => entriesStatement({ ...entry, state: "dead", cause: "http_400", peerId }),
    ],
    ["dead letters of a cause that is seldom", () => entriesStatement({ ...entry, state: "dead", cause: "seldom" })],
    ["cancelled entries", () => entriesStatement({ ...entry, state: "cancelled", before })],
    ["attempts", () => attemptsStatement({ ...attempt, before: "80000000-0000-0000-0000-000000000000" })],
    ["attempts of a peer", () => attemptsStatement({ ...attempt, peerId })],
    ["attempts that failed", () => attemptsStatement({ ...attempt, outcome: "retry" })],
    ["decisions", () => decisionsStatement(decision)],
    ["decisions, far in", () => decisionsStatement({ ...decision, before: { seq: deep, peer: 2 } })],
    ["decisions of a peer", () => decisionsStatement({ ...decision, peerId })],
    ["drops", () => decisionsStatement({ ...decision, outcome: "drop" })],
    ["drops for a reason that is seldom", () => decisionsStatement({ ...decision, reason: "too_large" })],
    ["decisions about some events", () => decisionsStatement({ ...decision, seqs: [5, deep, ROWS - 3] })],
    ["refusals", () => refusalsStatement({ ...refusal, before: "80000000-0000-0000-0000-000000000000" })],
    ["refusals of an endpoint", () => refusalsStatement({ ...refusal, hook: "often" })],
    ["the last refusal of each endpoint", () => lastFailuresStatement(team, ["often", "never"])],
    ["events", () => searchStatement(event, 1, ROWS + 1)],
  ])("%s", async (_name, statement) => {
    const all = await nodes(statement());
    const scans = all.filter((node) => node["Relation Name"] !== undefined && node["Relation Name"] !== "peers");
    expect(scans.length).toBeGreaterThan(0);
    const whole = scans.filter((node) => node["Node Type"] === "Seq Scan" && readBy(node) > LIMIT);
    expect(whole.map((node) => node["Relation Name"])).toEqual([]);
    const read = scans.reduce((sum, node) => sum + readBy(node), 0);
    expect(read).toBeLessThan(MOST_READ);
    const sorted = all.filter((node) => node["Node Type"].includes("Sort")).map(readBy);
    expect(Math.max(0, ...sorted)).toBeLessThan(MOST_READ);
  });
});
