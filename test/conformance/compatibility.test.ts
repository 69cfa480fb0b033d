import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

it("docs/compatibility.md counts its rows as they are", () => {
  const text = readFileSync(resolve("docs/compatibility.md"), "utf8");
  const verdicts = ["works", "our choice", "differs", "out of scope"];
  const [head, tables = ""] = text.split("<!-- counts:end -->");
  const cells = tables.split("\n").flatMap((line) => (line.startsWith("| ") ? [line.split(" | ")[1]] : []));
  const counts = verdicts.map((verdict) => cells.filter((cell) => cell === verdict).length);
  expect(cells.filter((cell) => cell !== undefined && !verdicts.includes(cell) && cell !== "how")).toEqual([]);
  expect(head).toContain(`| ${counts.join(" | ")} |\n`);
});
