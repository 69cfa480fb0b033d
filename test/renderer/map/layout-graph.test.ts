import Elk from "elkjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, graphOf, type Placed, pathThrough, placedOf } from "../../../src/renderer/map/layout-graph.ts";
import type { Picture, PictureEdge } from "../../../src/renderer/map/picture.ts";
import { LABEL_WIDTHS, labelSize, markLines, shapesOf } from "../../../src/renderer/map/shapes.ts";

/** A federation of 3 to 12 instances in which each further one is linked to an earlier one, and some links besides. */
const pictures = fc
  .integer({ min: 3, max: 12 })
  .chain((count) =>
    fc.record({
      count: fc.constant(count),
      anchors: fc.array(fc.nat({ max: count - 1 }), { minLength: count, maxLength: count }),
      more: fc.array(fc.tuple(fc.nat({ max: count - 1 }), fc.nat({ max: count - 1 })), { maxLength: 14 }),
      texts: fc.array(fc.constantFrom("3 delivered", "12 hop limit", "1,204 received", "paused"), { maxLength: 4 }),
    }),
  )
  .map(({ count, anchors, more, texts }): Picture => {
    const tree = anchors.slice(1).map((anchor, at): [number, number] => [anchor % (at + 1), at + 1]);
    const pairs = [...tree, ...more].filter(([from, to]) => from !== to);
    const marks = [...new Set(texts)].map((text) => ({ tone: "ok", shape: "tick", text }) as const);
    return {
      nodes: Array.from({ length: count }, (_, at) => ({
        key: `n${at}`,
        kind: at === 0 ? "self" : "peer",
        name: `n${at}`,
        about: "peer",
        unknownBeyond: false,
        mark: null,
        faint: false,
      })),
      edges: pairs.map(([from, to], at) => ({
        id: `e${at}`,
        from: `n${from}`,
        to: `n${to}`,
        known: "own",
        limits: "≤ 3 hops, all types",
        marks,
        cycle: null,
        moving: false,
        lit: null,
        faint: false,
      })),
    };
  });

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function overlapping({ nodes, edges }: Placed): string[] {
  const boxes: [string, Box][] = [...nodes, ...[...edges].map(([id, { label }]): [string, Box] => [id, label])];
  return boxes.flatMap(([id, box], at) =>
    boxes.slice(at + 1).flatMap(([other, there]) => (overlap(box, there) ? [`${id} ${other}`] : [])),
  );
}

describe("the layout of the map", () => {
  for (const [direction, width] of (["RIGHT", "DOWN"] as const).flatMap((way) =>
    LABEL_WIDTHS.map((most) => [way, most] as const),
  ))
    it(`lets no instance and no label of ${width} pixels overlap another, ${direction.toLowerCase()}wards`, async () => {
      const elk = new Elk();
      await fc.assert(
        fc.asyncProperty(pictures, async (picture) => {
          const placed = placedOf(await elk.layout(graphOf(shapesOf(picture, width), direction)));
          expect(placed.nodes.size).toBe(picture.nodes.length);
          expect(placed.edges.size).toBe(picture.edges.length);
          expect(overlapping(placed)).toEqual([]);
        }),
        { numRuns: 25 },
      );
    });

  it("cuts no mark in a narrow label, and draws the lines that its height was counted for", () => {
    const edge = (texts: readonly string[], limits = "≤ 3 hops"): PictureEdge => ({
      id: "e",
      from: "a",
      to: "b",
      known: "own",
      limits,
      marks: texts.map((text) => ({ tone: "ok", shape: "tick", text }) as const),
      cycle: null,
      moving: false,
      lit: null,
      faint: false,
    });
    for (const texts of [
      ["66 delivered", "30 hop limit", "25 internal event", "37 loop"],
      ["waiting for the other side", "1 dead", "2 dead"],
    ])
      for (const limits of ["≤ 3 hops", "≤ 3 hops, com.acme.orders.*, com"])
        for (const most of LABEL_WIDTHS) {
          const { width, height } = labelSize(edge(texts, limits), most);
          expect(markLines(edge(texts).marks, width).length).toBe((height - 4) / 18 - 1);
        }
    const long = edge(["waiting for the other side"]);
    expect(labelSize(long, 144)).toEqual(labelSize(long, 240));
    const many = edge(["66 delivered", "30 hop limit", "25 internal event", "37 loop"]);
    expect(labelSize(many, 144).width).toBeLessThan(labelSize(many, 240).width);
  });

  it("rounds the corners of a line", () => {
    const corner = pathThrough([
      { x: 0, y: 0 },
      { x: 20, y: 0 },
      { x: 20, y: 20 },
    ]);
    expect(corner).toBe("M0,0 L13,0 Q20,0 20,7 L20,20");
  });
});
