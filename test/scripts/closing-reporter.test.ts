import { join } from "node:path";
import { expect, test } from "vitest";
import { repository, runNode, temporaryProject } from "./project-fixture.ts";

const suite = `
  import { beforeAll, describe, expect, test } from "vitest";
  test("passes", () => expect(1).toBe(1));
  test("passes too", () => expect(1).toBe(1));
  test("fails", () => expect(1).toBe(2));
  test("needs more", (context) => context.skip("needs a screen"));
  test.skip("is left out", () => {});
`;

async function run(files: Record<string, string>, ...args: string[]) {
  const project = await temporaryProject({ "vitest.config.ts": "export default {};\n", ...files });
  const reporter = `--reporter=${join(repository, "scripts", "closing-reporter.mjs")}`;
  return runNode(
    [join(project, "node_modules", "vitest", "vitest.mjs"), "run", "--configLoader=runner", reporter, ...args],
    project,
  );
}

test("the counts stand alone on the last line, the skipped tests with their reasons above", async () => {
  const { code, stdout } = await run({ "test/a.test.ts": suite });
  expect(stdout).toContain("test/a.test.ts > needs more: needs a screen\n");
  expect(stdout).toContain("test/a.test.ts > is left out: no reason given\n");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("2 passed, 1 failed, 2 skipped");
  expect(code).toBe(1);
});

test("a file that does not load and a hook that throws count as failed", async () => {
  const { code, stdout } = await run({
    "test/good.test.ts": 'import { test } from "vitest";\ntest("good", () => {});',
    "test/broken.test.ts": 'import "./missing.ts";',
    "test/hook.test.ts": `
      import { beforeAll, describe, test } from "vitest";
      describe("suite", () => { beforeAll(() => { throw new Error("no ground"); }); test("never", () => {}); });
    `,
  });
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("1 passed, 2 failed, 1 skipped");
  expect(code).toBe(1);
});

test("with a name pattern, what it leaves out is counted but not listed", async () => {
  const { code, stdout } = await run({ "test/a.test.ts": suite }, "--testNamePattern", "passes too");
  expect(stdout.trim()).toBe("1 passed, 0 failed, 4 skipped");
  expect(code).toBe(0);
});
