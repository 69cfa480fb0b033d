import type { ElkNode } from "elkjs/lib/elk-api.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** What is to be laid out; sizes in pixels. */
export interface Shapes {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly width: number;
    readonly height: number;
  }[];
}

/** Where everything stands: nothing overlaps anything. */
export interface Placed {
  readonly nodes: ReadonlyMap<string, Box>;
  /** The corners of each edge, and the box of its label. */
  readonly edges: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Box }>;
  readonly width: number;
  readonly height: number;
}

/** Away from this hub to the right, or downwards. */
export type Direction = "RIGHT" | "DOWN";

// In the order of the nodes, which is how far they are from this hub.
const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.cycleBreaking.strategy": "MODEL_ORDER",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.spacing.nodeNodeBetweenLayers": "36",
  "elk.layered.spacing.edgeNodeBetweenLayers": "18",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "14",
  "elk.spacing.nodeNode": "24",
  "elk.spacing.edgeNode": "14",
  "elk.spacing.edgeEdge": "16",
  "elk.spacing.componentComponent": "40",
};
const LABEL_OPTIONS = { "elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER" };

/** The graph as ELK takes it. */
export function graphOf({ nodes, edges }: Shapes, direction: Direction): ElkNode {
  return {
    id: "map",
    layoutOptions: { ...OPTIONS, "elk.direction": direction },
    children: nodes.map(({ id, width, height }) => ({ id, width, height })),
    edges: edges.map(({ id, from, to, width, height }) => ({
      id,
      sources: [from],
      targets: [to],
      labels: [{ id: `${id} label`, text: id, width, height, layoutOptions: LABEL_OPTIONS }],
    })),
  };
}

/** What ELK has made of the graph. */
export function placedOf(laid: ElkNode): Placed {
  return {
    width: laid.width ?? 0,
    height: laid.height ?? 0,
    nodes: new Map((laid.children ?? []).map((node) => [node.id, boxOf(node)])),
    edges: new Map(
      (laid.edges ?? []).map((edge) => {
        const [section] = edge.sections ?? [];
        const points =
          section === undefined ? [] : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
        return [edge.id, { points, label: boxOf(edge.labels?.[0] ?? {}) }];
      }),
    ),
  };
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height };
}

/** A line through corners, each rounded a little. */
export function pathThrough(points: readonly Point[], radius = 7): string {
  const [start, ...rest] = points;
  if (start === undefined) return "";
  const parts = [`M${start.x},${start.y}`];
  for (const [index, corner] of rest.entries()) {
    const before = points[index] ?? corner;
    const after = rest[index + 1];
    if (after === undefined) {
      parts.push(`L${corner.x},${corner.y}`);
      continue;
    }
    const from = towards(corner, before, radius);
    const to = towards(corner, after, radius);
    parts.push(`L${from.x},${from.y}`, `Q${corner.x},${corner.y} ${to.x},${to.y}`);
  }
  return parts.join(" ");
}

function towards(from: Point, to: Point, most: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(most, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
