// Who may import whom. docs/adr/0001 tells why this is a checker of our own.
import { isBuiltin } from "node:module";

/** @typedef {import("./sources.mjs").Source} Source */
/** @typedef {import("./sources.mjs").Problem} Problem */

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {RegExp} files
 * @property {string[]} [imports] the other parts it may import
 * @property {RegExp} [packages] the npm packages it may import; without it any but electron
 * @property {boolean} [builtins] false where Node's modules do not exist or are not wanted
 */

const anyButElectron = /^(?!electron(\/|$))/;

/** @type {Part[]} The parts of src/, each with all it may import besides itself; the first that fits a file counts. */
const parts = [
  {
    name: "contract",
    files: /^src\/shared\/contract\//,
    imports: ["shared"],
    packages: /^(zod|@orpc\/contract)(\/|$)/,
    builtins: false,
  },
  { name: "shared", files: /^src\/shared\//, packages: /^zod(\/|$)/, builtins: false },
  { name: "renderer", files: /^src\/renderer\//, imports: ["shared", "contract"], builtins: false },
  {
    name: "preload",
    files: /^src\/preload\//,
    imports: ["shared", "contract"],
    packages: /^electron(\/|$)/,
    builtins: false,
  },
  { name: "hub", files: /^src\/main\/hub\//, imports: ["shared"] },
  { name: "postgres", files: /^src\/main\/postgres\//, imports: ["shared"] },
  { name: "config", files: /^src\/main\/config\//, imports: ["shared"] },
  { name: "lab", files: /^src\/main\/lab\//, imports: ["shared", "hub", "postgres"] },
  { name: "console", files: /^src\/main\/console\//, imports: ["shared", "contract", "hub", "lab"] },
  { name: "demo", files: /^src\/main\/demo\//, imports: ["shared", "contract", "config", "postgres", "main"] },
  {
    name: "desktop",
    files: /^src\/main\/desktop\//,
    imports: ["shared", "contract", "console", "main"],
    packages: /./,
  },
  {
    name: "index",
    files: /^src\/main\/index\.ts$/,
    imports: ["shared", "contract", "config", "demo", "main", "desktop"],
    packages: /./,
  },
  // What puts the parts together: app.ts, server.ts and the like.
  {
    name: "main",
    files: /^src\/main\/[^/]+\.ts$/,
    imports: ["shared", "contract", "config", "postgres", "hub", "lab", "console", "demo"],
  },
];

/**
 * Folders with one public face: from outside, only their index.ts may be imported. The store has none: each of its files
 * is the whole of one aggregate, and one face over all of them would say nothing. Nor has federation, whose folders are
 * parts of their own.
 */
const faced =
  /^(src\/main\/hub\/federation\/[^/]+|src\/main\/hub\/(?!store\/|federation\/)[^/]+|src\/main\/(?:config|postgres|lab|console|demo|desktop))\//;

/**
 * @param {Source[]} sources
 * @returns {Problem[]}
 */
export function checkBoundaries(sources) {
  const ours = sources.filter((source) => source.path.startsWith("src/"));
  return [...ours.flatMap(checkImports), ...checkCycles(ours)];
}

/** @param {Source} source */
function checkImports({ path, imports }) {
  const part = partOf(path);
  if (!part) {
    const known = parts.map((each) => each.name).join(", ");
    return [
      { path, line: 1, message: `belongs to no known part of src/ (${known}); its place decides what it may import` },
    ];
  }
  return imports.flatMap(({ specifier, target, line }) => {
    const reason = target === undefined ? refusePackage(part, specifier) : refuseFile(part, path, target);
    return reason ? [{ path, line, message: `imports ${specifier}: ${reason}` }] : [];
  });
}

/**
 * @param {Part} part
 * @param {string} specifier
 */
function refusePackage(part, specifier) {
  if (isBuiltin(specifier)) return part.builtins === false ? `${part.name} has no Node builtins` : undefined;
  if ((part.packages ?? anyButElectron).test(specifier)) return undefined;
  return specifier.startsWith("electron")
    ? "only src/main/desktop, src/main/index.ts and src/preload may import electron"
    : `${part.name} may not import this package`;
}

/**
 * @param {Part} part
 * @param {string} from
 * @param {string} target
 */
function refuseFile(part, from, target) {
  const targetPart = partOf(target);
  if (!targetPart) return target.startsWith("src/") ? undefined : `${part.name} may not import from outside src/`;
  if (targetPart !== part && !part.imports?.includes(targetPart.name)) {
    const allowed = part.imports?.join(", ") ?? "nothing else of ours";
    return `${part.name} may not import ${targetPart.name} (it may import ${allowed})`;
  }
  const folder = target.match(faced)?.[1];
  if (folder && !from.startsWith(`${folder}/`) && target !== `${folder}/index.ts`)
    return `${folder} shows only its index.ts`;
  return undefined;
}

/** @param {string} path */
const partOf = (path) => parts.find((part) => part.files.test(path));

/**
 * Each import cycle once, type-only imports included: modules that know each other are one idea in two files.
 * @param {Source[]} sources
 * @returns {Problem[]}
 */
function checkCycles(sources) {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const finished = new Set();
  /** @type {Problem[]} */
  const problems = [];

  /**
   * @param {Source} source
   * @param {string[]} way the imports that led here
   */
  function follow(source, way) {
    const start = way.indexOf(source.path);
    if (start >= 0) {
      const cycle = [...way.slice(start), source.path].join(" -> ");
      problems.push({ path: source.path, line: 1, message: `import cycle: ${cycle}` });
    } else if (!finished.has(source.path)) {
      for (const { target = "" } of source.imports) {
        const next = byPath.get(target);
        if (next) follow(next, [...way, source.path]);
      }
      finished.add(source.path);
    }
  }
  for (const source of sources) follow(source, []);
  return problems;
}
