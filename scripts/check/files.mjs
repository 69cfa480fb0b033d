// A file is one idea: how long it may be, and what it may not be called.

const mostLines = 500;
const mostLinesInHub = 350;
const shapeless = /(^|\/)(utils?|helpers?|common)(\.|\/|$)/;

/**
 * @param {import("./sources.mjs").Source[]} sources
 * @returns {import("./sources.mjs").Problem[]}
 */
export function checkFiles(sources) {
  return sources.flatMap(({ path, lines }) => {
    const problems = [];
    if (lines > mostLines)
      problems.push({ path, line: lines, message: `has ${lines} lines, at most ${mostLines} are allowed` });
    if (shapeless.test(path))
      problems.push({ path, line: 1, message: "is named utils, helpers or common; name it after its idea" });
    return problems;
  });
}

/**
 * @param {import("./sources.mjs").Source[]} sources
 * @returns {import("./sources.mjs").Problem[]} what to keep an eye on; not an error
 */
export function longHubFiles(sources) {
  return sources
    .filter(({ path, lines }) => path.startsWith("src/main/hub/") && lines > mostLinesInHub)
    .map(({ path, lines }) => ({
      path,
      line: lines,
      message: `has ${lines} lines; hub files are mostly under ${mostLinesInHub}`,
    }));
}
