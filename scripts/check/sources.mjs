// Reads the project's TypeScript once for all checks. The parser is the one Vite builds with (oxc), so it knows the
// syntax the build accepts and needs no package of its own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync } from "vite";

/**
 * @typedef {{ specifier: string, target: string | undefined, line: number }} Import `target` is the imported file of
 *   ours, undefined for a package or a builtin
 * @typedef {{ text: string, line: number }} Text a string or template literal; `?` stands for what is interpolated
 * @typedef {{ path: string, lines: number, imports: Import[], texts: Text[], problems: Problem[], visit: Visit }} Source
 * @typedef {{ path: string, line: number, message: string }} Problem
 * @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node an ESTree node
 * @typedef {(onNode: (node: Node, line: number) => void) => void} Visit
 */

const folders = ["src", "test", "bench", "scripts"];

/**
 * Reads and parses every source file of a project.
 * @param {string} root
 * @returns {Source[]} with paths relative to root, separated by `/`
 */
export function readSources(root) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
    .sort()
    .map((path) => readSource(root, path));
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {Source}
 */
function readSource(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  const { program, errors } = parseSync(path, text);
  const lineAt = lineCounter(text);
  /** @type {Source} */
  const source = { path, lines: lineAt(text.trimEnd().length), imports: [], texts: [], problems: [], visit };

  /** @param {(node: Node, line: number) => void} onNode */
  function visit(onNode) {
    walk(program, (node) => onNode(node, lineAt(node.start)));
  }

  source.problems = errors.map((error) => ({
    path,
    line: lineAt(error.labels[0]?.start ?? 0),
    message: error.message,
  }));
  visit((node, line) => {
    const written = textOf(node);
    if (written !== undefined) source.texts.push({ text: written, line });

    const imported = importedBy(node);
    if (!imported) return;
    const specifier = textOf(imported);
    if (specifier !== undefined && !specifier.includes("?")) {
      source.imports.push({ specifier, target: resolveOurs(root, path, specifier), line });
    } else if (path.startsWith("src/")) {
      source.problems.push({ path, line, message: "imports a computed path, which no check can follow" });
    }
  });
  return source;
}

/**
 * The node that names what is imported, if this node imports: `import`, `export … from`, `import()`, `import("…").Type`
 * and `require()` alike.
 * @param {Node} node
 * @returns {Node | undefined}
 */
function importedBy(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node.source ?? undefined;
    case "TSExternalModuleReference":
      return node.expression;
    case "CallExpression":
      return node.callee.type === "Identifier" && node.callee.name === "require" ? node.arguments[0] : undefined;
    default:
      return undefined;
  }
}

/**
 * @param {Node} node
 * @returns {string | undefined}
 */
function textOf(node) {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral")
    return node.quasis.map((/** @type {Node} */ quasi) => quasi.value.cooked).join("?");
  return undefined;
}

/**
 * @param {string} root
 * @param {string} from
 * @param {string} specifier
 * @returns {string | undefined} the path of the file as far as it exists, else the path as written
 */
function resolveOurs(root, from, specifier) {
  if (!specifier.startsWith(".")) return undefined;
  const path = posix.join(dirname(from), specifier);
  const candidates = [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`, `${path}/index.tsx`];
  return candidates.find((candidate) => /\.\w+$/.test(candidate) && existsSync(join(root, candidate))) ?? path;
}

/**
 * @param {Node} node
 * @param {(node: Node) => void} onNode
 */
function walk(node, onNode) {
  onNode(node);
  for (const child of Object.values(node)) {
    for (const item of Array.isArray(child) ? child : [child]) {
      if (typeof item?.type === "string") walk(item, onNode);
    }
  }
}

/**
 * @param {string} text
 * @returns {(offset: number) => number} the line an offset lies on, counted from 1
 */
function lineCounter(text) {
  const ends = [...text.matchAll(/\n/g)].map((match) => match.index);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
