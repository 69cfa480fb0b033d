import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LabFile, labFileSchema, sayReport } from "../../src/shared/lab/index.ts";
import { openTestLab } from "./lab-fixture.ts";

const FOLDER = "resources/labs";
const recipes = readdirSync(FOLDER).filter((name) => name.endsWith(".json") && name !== "schema.json");
const read = (name: string): unknown => JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8"));

describe("the labs that ship with the app", () => {
  test("are eight lessons, each with something that it expects", () => {
    expect(recipes).toHaveLength(8);
    for (const name of recipes) expect(LabFile.parse(read(name)).expect.length).toBeGreaterThan(2);
  });

  test("have a schema that is up to date (npm run docs writes it)", () => {
    expect(read("schema.json")).toEqual(labFileSchema());
  });

  test.each(recipes)("%s comes to what it expects, on real hubs", { timeout: 60_000 }, async (name) => {
    const lab = await openTestLab(read(name));
    const report = await lab.run();
    expect(report.ok, sayReport(report)).toBe(true);
  });
});

test("a lab whose expectation does not hold fails, and says what was found instead", async () => {
  const lab = await openTestLab({
    name: "wrong",
    lesson: "",
    topology: { shape: "chain", instances: 3 },
    steps: [{ do: "publish", at: "A", count: 2 }],
    expect: [
      { that: "every_event", at: "C", times: 2 },
      { that: "nothing_beyond", hops: 1 },
      { that: "stopped", link: "A>B", reason: "loop" },
      { that: "finding", rule: "cycle" },
      { that: "every_event", at: "B", times: 1 },
    ],
  });
  const report = await lab.run();
  expect(report.ok).toBe(false);
  expect(report.expectations.map(({ ok }) => ok)).toEqual([false, false, false, false, true]);
  expect(report.expectations[0]?.details).toContain("lab-1 is there once");
  expect(report.expectations[1]?.details[0]).toMatch(/^C holds lab-\d with 2 hops$/);
  expect(report.expectations[2]?.details).toContain("lab-1 was forwarded");
  expect(sayReport(report)).toContain("4 of 5 expectations failed");
});
