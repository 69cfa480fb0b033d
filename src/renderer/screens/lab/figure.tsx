import type { LabTopology } from "../../../shared/lab/index.ts";
import { labTopology } from "../../../shared/lab/index.ts";
import styles from "./chooser.module.css";
import { arcOf, type Place, placesOf } from "./layout.ts";

const WIDTH = 168;
const HEIGHT = 64;
const RADIUS = 7;
const EDGE = 12;

/** The shape of a lab, drawn small; what it says stands in words beside it. */
export function Figure({ topology }: { topology: LabTopology }) {
  const { instances, links } = labTopology(topology);
  const places = new Map(
    [...placesOf({ instances, links })].map(([key, { x, y }]): [string, Place] => [
      key,
      { x: EDGE + x * (WIDTH - 2 * EDGE), y: EDGE + y * (HEIGHT - 2 * EDGE) },
    ]),
  );
  return (
    <svg className={styles.figure} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {links.map(({ id, from, to }) => {
        const [start, end] = [places.get(from), places.get(to)];
        if (start === undefined || end === undefined) return null;
        const hasBack = links.some((back) => back.from === to && back.to === from);
        const others = [...places].flatMap(([key, place]) => (key === from || key === to ? [] : [place]));
        const arc = arcOf(start, end, RADIUS, hasBack, others);
        return (
          <g key={id}>
            <path d={arc.path} fill="none" stroke="currentcolor" />
            <path d={arc.head} fill="currentcolor" />
          </g>
        );
      })}
      {[...places].map(([key, { x, y }]) => (
        <g key={key}>
          <circle cx={x} cy={y} r={RADIUS} className={styles.dot} />
          {key.length > 1 ? null : (
            <text x={x} y={y} className={styles.letter}>
              {key}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
