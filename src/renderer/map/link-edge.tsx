import { type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { ShapeIcon } from "../ui/mark.tsx";
import { type Box, type Point, pathThrough } from "./layout-graph.ts";
import styles from "./map.module.css";
import { isOutlined, type PictureEdge } from "./picture.ts";
import { markLines } from "./shapes.ts";

export type EdgeData = {
  readonly edge: PictureEdge;
  readonly points: readonly Point[];
  readonly label: Box;
  /** All that it says, for who cannot see it. */
  readonly says: string;
  readonly chosen: boolean;
  readonly pointed: boolean;
  readonly onSelect: () => void;
};

/** One direction of one link: its line, an arrow, and its label, which is a button. */
export function LinkEdge({ data }: EdgeProps<Edge<EdgeData>>) {
  if (data === undefined) return null;
  const { edge, points, label, says, chosen, pointed, onSelect } = data;
  const path = pathThrough(points);
  const state = {
    "data-known": edge.known,
    "data-lit": edge.lit ?? "",
    "data-faint": edge.faint && !chosen && !pointed,
    "data-chosen": chosen || pointed,
  };
  return (
    <>
      {isOutlined(edge) ? <path d={path} className={styles.cycle} /> : null}
      <path d={path} className={styles.line} {...state} />
      <path d={arrowAt(points)} className={styles.arrow} {...state} />
      {edge.moving ? <path d={path} className={styles.moving} /> : null}
      <path d={path} className={styles.touch} />
      <EdgeLabelRenderer>
        <button
          type="button"
          data-map-item=""
          data-edge={edge.id}
          {...state}
          className={`${styles.label} nopan`}
          style={{
            width: label.width,
            height: label.height,
            transform: `translate(${label.x}px, ${label.y}px)`,
          }}
          aria-pressed={chosen}
          aria-label={says}
          title={says}
          onClick={onSelect}
        >
          <span className={styles.limits}>{edge.limits}</span>
          {markLines(edge.marks, label.width).map((line) => (
            <span key={line.map(({ text }) => text).join()} className={styles.marks}>
              {line.map(({ tone, shape, text }) => (
                <span key={text} className={`${styles.mark} ${styles[tone]}`}>
                  {shape === null ? null : <ShapeIcon shape={shape} />}
                  {text}
                </span>
              ))}
            </span>
          ))}
        </button>
      </EdgeLabelRenderer>
    </>
  );
}

const ARROW = 8;

function arrowAt(points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return "";
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [x, y] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const back = { x: end.x - x * ARROW, y: end.y - y * ARROW };
  return `M${end.x},${end.y} L${back.x - y * 4},${back.y + x * 4} L${back.x + y * 4},${back.y - x * 4} Z`;
}
