// A vitest reporter for the last lines of a run: the skipped tests with their reasons, then one line of plain counts.

/** @typedef {import("vitest/node").Reporter} Reporter */

/** @implements {Reporter} */
export default class ClosingReporter {
  #filteredByName = false;

  /** @param {import("vitest/node").Vitest} vitest */
  onInit(vitest) {
    this.#filteredByName = vitest.config.testNamePattern !== undefined;
  }

  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<import("vitest/node").SerializedError>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state);
    const skipped = inState("skipped");

    // A file that does not load, or a hook that throws, has no failed test of its own and must still not look green.
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const errors = suites.filter((suite) => suite.errors().length > 0).length + unhandledErrors.length;

    // With --testNamePattern everything else counts as skipped: a list would only bury the answer.
    const listed = this.#filteredByName ? [] : skipped;
    if (listed.length > 0) console.log(`Skipped:\n${listed.map((test) => `  ${describe(test)}`).join("\n")}\n`);
    console.log(
      `${inState("passed").length} passed, ${inState("failed").length + errors} failed, ${skipped.length} skipped`,
    );
  }
}

/** @param {import("vitest/node").TestCase} test */
function describe(test) {
  const result = test.result();
  const reason = result.state === "skipped" && result.note ? result.note : "no reason given";
  return `${test.module.relativeModuleId} > ${test.fullName}: ${reason}`;
}
