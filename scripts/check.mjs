// npm run check: everything about the sources that can be known without running them. One line each, details on failure.
import { join } from "node:path";
import { capture, main, prepare, root } from "./setup.mjs";

/** @typedef {{ name: string, ok: boolean, details: string }} Result */

/** @param {import("./check/sources.mjs").Problem[]} problems */
const list = (problems) => problems.map(({ path, line, message }) => `  ${path}:${line} ${message}`).join("\n");

/**
 * @param {string} name
 * @param {string[]} args a package's own script, run with Node
 * @returns {Promise<Result>}
 */
async function command(name, [script = "", ...args]) {
  const { code, output } = await capture(process.execPath, [join(root, "node_modules", script), ...args], root);
  return { name, ok: code === 0, details: output.trim() };
}

/**
 * @param {string} name
 * @param {import("./check/sources.mjs").Problem[]} problems
 * @returns {Result}
 */
function findings(name, problems) {
  return { name, ok: problems.length === 0, details: list(problems) };
}

/** The checks of our own. They are imported late because the parser is a dependency. */
async function houseRules() {
  const [{ readSources }, { checkBoundaries }, { checkPurity }, { checkSql }, files, { checkDependencies }] =
    await Promise.all([
      import("./check/sources.mjs"),
      import("./check/boundaries.mjs"),
      import("./check/purity.mjs"),
      import("./check/sql.mjs"),
      import("./check/files.mjs"),
      import("./check/dependencies.mjs"),
    ]);
  const sources = readSources(root);
  const warnings = files.longHubFiles(sources);
  if (warnings.length > 0) console.log(`Long files, no error yet:\n${list(warnings)}`);
  return [
    findings(
      "syntax",
      sources.flatMap((source) => source.problems),
    ),
    findings("import boundaries", checkBoundaries(sources)),
    findings("pure src/shared", checkPurity(sources)),
    findings("SQL only in the store", checkSql(sources)),
    findings("file sizes and names", files.checkFiles(sources)),
    findings("docs/dependencies.md", checkDependencies(root)),
  ];
}

await main(async () => {
  await prepare({ build: false });
  const started = Date.now();
  const results = await Promise.all([
    command("format and lint", [
      "@biomejs/biome/bin/biome",
      "ci",
      "--colors=off",
      "--error-on-warnings",
      "--max-diagnostics=200",
      ".",
    ]),
    command("types", ["typescript/bin/tsc", "--noEmit", "--pretty", "false"]),
    command("types of the renderer", [
      "typescript/bin/tsc",
      "--noEmit",
      "--pretty",
      "false",
      "-p",
      "tsconfig.renderer.json",
    ]),
    houseRules(),
  ]);
  const all = results.flat();
  for (const { name, ok, details } of all) console.log(ok ? `ok      ${name}` : `FAILED  ${name}\n${details}\n`);
  const failed = all.filter(({ ok }) => !ok).length;
  console.log(
    `\n${failed === 0 ? "All checks passed" : `${failed} of ${all.length} checks failed`} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return failed === 0 ? 0 : 1;
});
