import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const FOLDER = new URL("../../src/shared/rules/", import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
const read = (name: string): string => readFileSync(new URL(name, FOLDER), "utf8");

describe("the rules are pure", () => {
  it.each(files)("%s has no clock, no randomness, no I/O and throws nothing", (name) => {
    expect(read(name)).not.toMatch(
      /\b(Date\.now|new Date|Math\.random|performance|process|setTimeout|fetch|throw|node:\w+)\b/,
    );
  });

  it.each(files)("%s imports only its neighbours", (name) => {
    const sources = [...read(name).matchAll(/from "([^"]+)"/g)].map(([, source]) => source);
    for (const source of sources) expect(source).toMatch(/^\.\/[a-z-]+\.ts$/);
  });

  it("and index.ts shows every one of them", () => {
    const shown = [...read("index.ts").matchAll(/from "\.\/([^"]+)"/g)].map(([, source]) => source);
    expect(shown.sort()).toEqual(files.filter((name) => name !== "index.ts").sort());
  });
});
