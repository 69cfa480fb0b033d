import type { LabView } from "../../../shared/contract/index.ts";
import { labTopology } from "../../../shared/lab/index.ts";
import { ShapeIcon } from "../../ui/mark.tsx";
import { Menu, type MenuEntry } from "../../ui/menu.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import { arcOf, type Place, placesOf } from "./layout.ts";
import { type LinkLook, lookOfLink } from "./link-look.ts";
import styles from "./map.module.css";
import { useSize } from "./use-size.ts";

const RADIUS = 22;
const SIDE = 64;
const TOP = 40;
/** What a name below its circle needs. */
const NAME = 18;
/** A name that a circle has no room for stands below it, whole. */
const isLong = (name: string): boolean => name.length > 4;
/** With more links than this, only those that have something to say carry words. */
const MOST_LABELS = 20;

/** The hubs of a lab and the links between them, as they are at this moment. */
export function LabMap({
  lab,
  link,
  onLink,
  hubMenu,
}: {
  lab: LabView;
  link: string | undefined;
  onLink: (id: string) => void;
  hubMenu: (key: string) => MenuEntry[];
}) {
  const [ref, { width, height }] = useSize<HTMLDivElement>();
  const below = lab.hubs.some(({ key }) => isLong(key)) ? NAME : 0;
  const places = new Map(
    [...placesOf(labTopology(lab.file.topology))].map(([key, { x, y }]): [string, Place] => [
      key,
      { x: SIDE + x * Math.max(0, width - 2 * SIDE), y: TOP + y * Math.max(0, height - 2 * TOP - below) },
    ]),
  );
  const arcs = lab.links.flatMap((each) => {
    const [from, to] = [places.get(each.from), places.get(each.to)];
    if (from === undefined || to === undefined) return [];
    const hasBack = lab.links.some((back) => back.from === each.to && back.to === each.from);
    const others = [...places].flatMap(([key, place]) => (key === each.from || key === each.to ? [] : [place]));
    return [{ link: each, look: lookOfLink(each), arc: arcOf(from, to, RADIUS, hasBack, others) }];
  });
  const crowded = lab.links.length > MOST_LABELS;
  return (
    <section ref={ref} className={styles.map} aria-label="Map of the lab">
      {width === 0 ? null : (
        <>
          <svg className={styles.lines} width={width} height={height} aria-hidden="true">
            {arcs.map(({ link: each, look, arc }) => (
              <g key={each.id} className={styles[look.tone]} data-chosen={each.id === link} data-broken={look.broken}>
                <path d={arc.path} className={styles.line} />
                <path d={arc.head} className={styles.arrow} />
              </g>
            ))}
          </svg>
          {arcs.map(({ link: each, look, arc }) => (
            <button
              key={each.id}
              type="button"
              className={`${styles.label} ${styles[look.tone]}`}
              style={{ left: arc.label.x, top: arc.label.y }}
              data-link={each.id}
              aria-pressed={each.id === link}
              aria-label={`Link ${each.from} to ${each.to}: ${look.sentence}`}
              title={`${each.from} → ${each.to}: ${look.sentence}`}
              onClick={() => onLink(each.id)}
            >
              <Label look={look} delivered={each.delivered} short={crowded && each.id !== link} />
            </button>
          ))}
          {lab.hubs.map(({ key, instanceId, events }) => {
            const place = places.get(key);
            if (place === undefined) return null;
            const traffic = lab.traffic.find(({ at }) => at === key);
            return (
              <div key={key} className={styles.hub} style={{ left: place.x, top: place.y }}>
                <Menu
                  entries={hubMenu(key)}
                  trigger={
                    <button
                      type="button"
                      className={styles.node}
                      aria-label={`Hub ${key}, ${countOf(events, "event")}`}
                    >
                      {isLong(key) ? key.slice(0, 2) : key}
                    </button>
                  }
                />
                {isLong(key) ? (
                  <b className={styles.name} title={key}>
                    {key}
                  </b>
                ) : null}
                <span className={styles.under}>
                  {instanceId === key ? null : <span>id {instanceId}</span>}
                  <span>{countOf(events, "event")}</span>
                  {traffic === undefined ? null : (
                    <span className={styles.traffic}>
                      <ShapeIcon shape="arrow" /> {traffic.perSecond}/s
                    </span>
                  )}
                </span>
              </div>
            );
          })}
        </>
      )}
    </section>
  );
}

function Label({ look, delivered, short }: { look: LinkLook; delivered: number; short: boolean }) {
  if (short && look.mark === null) return <span className={styles.spot} />;
  return (
    <>
      {short ? null : (
        <span className={styles.number}>
          <ShapeIcon shape="tick" /> {countWords(delivered)}
        </span>
      )}
      {look.mark === null ? null : (
        <>
          <ShapeIcon shape={look.shape} />
          <span>{look.mark}</span>
        </>
      )}
    </>
  );
}
