// src/shared holds rules that give the same answer everywhere and always: no clock, no randomness, no I/O.

/** @typedef {import("./sources.mjs").Node} Node */

const clocksAndDice = /^(Date\.now|Math\.random|performance\.\w+|crypto\.\w+)$/;
const globals = /^(process|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|WebSocket|localStorage)$/;

/**
 * @param {import("./sources.mjs").Source[]} sources
 * @returns {import("./sources.mjs").Problem[]}
 */
export function checkPurity(sources) {
  /** @type {import("./sources.mjs").Problem[]} */
  const problems = [];
  for (const { path, visit } of sources.filter((source) => source.path.startsWith("src/shared/"))) {
    visit((node, line) => {
      const used = impurity(node);
      if (used) problems.push({ path, line, message: `${used} is not pure; let the caller pass the value in` });
    });
  }
  return problems;
}

/**
 * @param {Node} node
 * @returns {string | undefined} what reaches outside, as written
 */
function impurity(node) {
  if (node.type === "MemberExpression" && node.object.type === "Identifier") {
    const name = `${node.object.name}.${node.property.name ?? node.property.value}`;
    return clocksAndDice.test(name) || globals.test(node.object.name) ? name : undefined;
  }
  if (node.type === "NewExpression" && node.callee.name === "Date")
    return node.arguments.length === 0 ? "new Date()" : undefined;
  if (node.type === "CallExpression" && node.callee.name === "Date") return "Date()";
  if ((node.type === "CallExpression" || node.type === "NewExpression") && globals.test(node.callee.name))
    return node.callee.name;
  return undefined;
}
