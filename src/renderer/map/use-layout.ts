import { useEffect, useMemo, useState } from "react";
import { layOut } from "./layout.ts";
import type { Direction, Placed, Shapes } from "./layout-graph.ts";
import type { Picture } from "./picture.ts";
import { LABEL_WIDTHS, shapesOf } from "./shapes.ts";

export interface Layout {
  /** The same map in two directions, with wide labels and with narrow ones; null until it is laid out. */
  readonly ways: readonly Placed[] | null;
  readonly error: unknown;
}

const DIRECTIONS: readonly Direction[] = ["RIGHT", "DOWN"];

/** The layouts of a picture. They are made anew only when an instance, a link or the size of a label is another. */
export function useLayout(picture: Picture): Layout {
  const key = useMemo(() => JSON.stringify(LABEL_WIDTHS.map((width) => shapesOf(picture, width))), [picture]);
  const [layout, setLayout] = useState<Layout>({ ways: null, error: null });
  useEffect(() => {
    let wanted = true;
    const shapes: readonly Shapes[] = JSON.parse(key);
    Promise.all(shapes.flatMap((each) => DIRECTIONS.map((direction) => layOut(each, direction)))).then(
      (ways) => (wanted ? setLayout({ ways, error: null }) : undefined),
      (error: unknown) => (wanted ? setLayout({ ways: null, error }) : undefined),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return layout;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** The layout that is shown largest in this room. */
export function bestFor(ways: readonly Placed[] | null, room: Room): Placed | null {
  const scale = ({ width, height }: Placed): number => Math.min(room.width / width, room.height / height);
  return (ways ?? []).reduce<Placed | null>(
    (best, one) => (best === null || scale(one) > scale(best) * 1.05 ? one : best),
    null,
  );
}

const MARGIN = 16;
/** The legend stands there. */
const FOOT = 28;
const MOST_ZOOM = 1.15;

/** The view that shows the whole map, labels and lines as well, in the middle of the room. */
export function viewOf({ width, height }: Placed, room: Room): { x: number; y: number; zoom: number } {
  const [across, down] = [room.width - 2 * MARGIN, room.height - 2 * MARGIN - FOOT];
  const zoom = Math.max(0.2, Math.min(MOST_ZOOM, across / width, down / height));
  return { x: MARGIN + (across - width * zoom) / 2, y: MARGIN + (down - height * zoom) / 2, zoom };
}
