import { expect, test } from "vitest";
import { runNode, temporaryProject } from "./project-fixture.ts";

test("npm run check passes a clean project, one line per check", async () => {
  const project = await temporaryProject({
    "src/shared/answer.ts": "export const answer = 42;\n",
    "src/renderer/main.ts": "export {};\n",
  });
  const { code, stdout } = await runNode(["scripts/check.mjs"], project);
  expect(stdout).not.toContain("FAILED");
  for (const name of [
    "format and lint",
    "types",
    "types of the renderer",
    "import boundaries",
    "SQL only in the store",
    "file sizes and names",
  ]) {
    expect(stdout).toContain(`ok      ${name}\n`);
  }
  expect(code).toBe(0);
});

test("npm run check refuses each kind of violation, and says where", async () => {
  const project = await temporaryProject({
    "src/shared/untidy.ts": "export const   untidy = 1;\n",
    "src/shared/mistyped.ts": 'export const mistyped: number = "one";\n',
    "src/renderer/mistyped.ts": "export const width: string = window.innerWidth;\n",
    "src/shared/impure.ts": "export const now = (): number => Date.now();\n",
    "src/main/hub/reaching.ts": 'export { answer } from "../app.ts";\n',
    "src/main/hub/asking.ts": 'export const question = "SELECT 1";\n',
    "src/main/hub/careless.ts": [
      "async function work(): Promise<void> {}",
      "export function start(input: string | null): number {",
      "  work();",
      '  console.log("started");',
      "  return input!.length;",
      "}",
      "",
    ].join("\n"),
    "src/main/app.ts": "export const answer = 42;\n",
    "src/renderer/main.ts": "export {};\n",
    "src/main/hub/helpers.ts": "export {};\n",
  });
  const { code, stdout } = await runNode(["scripts/check.mjs"], project);
  for (const finding of [
    "src/shared/untidy.ts format",
    "src/shared/mistyped.ts(1,14): error TS2322",
    "src/renderer/mistyped.ts(1,14): error TS2322",
    "src/shared/impure.ts:1 Date.now is not pure",
    "src/main/hub/reaching.ts:1 imports ../app.ts",
    "src/main/hub/asking.ts:1 SQL outside",
    "src/main/hub/careless.ts:3:3 lint/nursery/noFloatingPromises",
    "src/main/hub/careless.ts:4:3 lint/suspicious/noConsole",
    "src/main/hub/careless.ts:5:10 lint/style/noNonNullAssertion",
    "src/main/hub/helpers.ts:1 is named",
    "7 of 9 checks failed",
  ]) {
    expect(stdout).toContain(finding);
  }
  expect(code).toBe(1);
});
