import type { Shapes } from "./layout-graph.ts";
import type { Picture, PictureEdge } from "./picture.ts";

export const NODE_WIDTH = 160;
export const NODE_HEIGHT = 58;
const LINE_HEIGHT = 18;
const LETTER_WIDTH = 6.1;
const MARK_WIDTH = 26;
const STEP = 16;
const MOST_WIDTH = 240;

/**
 * How wide labels get, in pixels: their marks side by side, or one below the other. Where many links meet, narrow ones let
 * the whole map be shown larger.
 */
export const LABEL_WIDTHS = [MOST_WIDTH, 144] as const;

/**
 * The size of an edge's label, no wider than `most` unless something in it is. It grows in steps, so that a count that
 * grows does not move the map.
 */
export function labelSize({ limits, marks }: PictureEdge, most: number): { width: number; height: number } {
  const limitWidth = limits.length * LETTER_WIDTH + 12;
  const least = Math.max(limitWidth, ...marks.map((mark) => widthOf([mark])));
  const lines = markLines(marks, inSteps(Math.max(most, least)));
  const widest = Math.max(limitWidth, ...lines.map((line) => widthOf(line)));
  return {
    width: inSteps(widest),
    height: LINE_HEIGHT * (1 + lines.length) + 4,
  };
}

type Marks = PictureEdge["marks"];

const inSteps = (width: number): number => Math.min(MOST_WIDTH, Math.ceil(width / STEP) * STEP);

/** Marks side by side as long as they fit into a label of this width, and then on a line of their own. */
export function markLines(marks: Marks, width: number): Marks[] {
  const lines: Marks[] = [];
  for (const mark of marks) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf([...last, mark]) <= width) lines[lines.length - 1] = [...last, mark];
    else lines.push([mark]);
  }
  return lines;
}

function widthOf(marks: Marks): number {
  return marks.reduce((sum, { text }) => sum + text.length * LETTER_WIDTH + MARK_WIDTH, 4);
}

/** Instances in the order in which they are reached from this hub, so that the map reads away from it. */
export function shapesOf({ nodes, edges }: Picture, labelWidth: number): Shapes {
  const self = nodes.find(({ kind }) => kind === "self") ?? nodes[0];
  const order: string[] = self === undefined ? [] : [self.key];
  for (const key of order)
    for (const { from, to } of edges) {
      const next = from === key ? to : to === key ? from : null;
      if (next !== null && !order.includes(next)) order.push(next);
    }
  const rest = nodes.map(({ key }) => key).filter((key) => !order.includes(key));
  const known = new Set(nodes.map(({ key }) => key));
  return {
    nodes: [...order, ...rest]
      .filter((key) => known.has(key))
      .map((id) => ({ id, width: NODE_WIDTH, height: NODE_HEIGHT })),
    edges: edges.map((edge) => ({ id: edge.id, from: edge.from, to: edge.to, ...labelSize(edge, labelWidth) })),
  };
}
