// docs/dependencies.md says for each dependency why it earns its place, and for no other; versions are exact.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const document = "docs/dependencies.md";

/**
 * @param {string} root
 * @returns {import("./sources.mjs").Problem[]}
 */
export function checkDependencies(root) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  /** @type {Record<string, string>} */
  const versions = { ...dependencies, ...devDependencies };
  const lines = readFileSync(join(root, document), "utf8").split("\n");
  const explained = new Map(
    lines.flatMap((line, index) => {
      const name = line.match(/^[-*] `([^`]+)`/)?.[1];
      return name ? [[name, index + 1]] : [];
    }),
  );

  const missing = Object.keys(versions)
    .filter((name) => !explained.has(name))
    .map((name) => ({ path: document, line: 1, message: `does not say why package.json has ${name}` }));
  const stale = [...explained]
    .filter(([name]) => !(name in versions))
    .map(([name, line]) => ({ path: document, line, message: `lists ${name}, which package.json does not have` }));
  const loose = Object.entries(versions)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => ({
      path: "package.json",
      line: 1,
      message: `${name} must be pinned to one version, not ${version}`,
    }));
  return [...missing, ...stale, ...loose];
}
