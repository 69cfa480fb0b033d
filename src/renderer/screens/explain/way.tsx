import { useEffect, useRef } from "react";
import type { ExplainedLink, Explanation, TopologyMap } from "../../../shared/debugger/index.ts";
import { nameOf } from "../../../shared/debugger/index.ts";
import { DELIVERY_FAILED_TYPE } from "../../../shared/rules/index.ts";
import type { Selection } from "../../map/picture.ts";
import { StateMark } from "../../ui/mark.tsx";
import { bytesWords, countOf } from "../../ui/time-words.ts";
import styles from "./explain.module.css";
import { reachWords, sendsNothing } from "./explain-picture.ts";
import { LinkSays } from "./link-says.tsx";
import { readingId } from "./reading-looks.ts";
import { ReadingFacts, ReadingList } from "./readings.tsx";
import { Share } from "./share.tsx";
import { ToldFailure } from "./told-failure.tsx";

const NOTHING: ReadonlySet<string> = new Set();

/** The way of an event to be read: who does not get it and why, who gets it and how, and then hop by hop. */
export function Way({
  map,
  explanation,
  seq,
  selected,
  onSelect,
  onPoint,
}: {
  map: TopologyMap;
  /** Of the event in the log; undefined for one that is only described. */
  seq: number | undefined;
  explanation: Explanation;
  selected: Selection | null;
  onSelect: (selection: Selection) => void;
  onPoint: (links: ReadonlySet<string>) => void;
}) {
  const { event, instances, missed, at, readings } = explanation;
  const readingOf = (key: string) => readings.find((reading) => reading.key === key);
  const going = readings.filter(({ key }) => !missed.some((one) => one.key === key));
  const silent = new Set(map.links.filter(sendsNothing).map(({ id }) => id));
  const links = explanation.links.filter(({ id }) => !silent.has(id));
  const hops = [...new Set(links.map(({ hop }) => hop))].sort((a, b) => a - b);
  const list = useRef<HTMLDivElement>(null);
  const id = selected?.id;
  useEffect(() => {
    if (id === undefined) return;
    list.current?.querySelector(`[data-says="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [id]);
  const pathOf = (path: readonly string[]): string =>
    [nameOf(map, at), ...path.map((link) => nameOf(map, map.links.find((one) => one.id === link)?.to ?? "?"))].join(
      " → ",
    );
  const point = (ids: readonly string[]) => ({
    onMouseEnter: () => onPoint(new Set(ids)),
    onMouseLeave: () => onPoint(NOTHING),
  });
  const says = (link: ExplainedLink) => (
    <LinkSays
      key={link.id}
      link={link}
      nameOf={(key) => nameOf(map, key)}
      chosen={selected?.kind === "edge" && selected.id === link.id}
      onSelect={() => onSelect({ kind: "edge", id: link.id })}
    />
  );
  return (
    <div className={styles.side} ref={list}>
      <header>
        <h2 className={styles.heading}>{event.type}</h2>
        <p className={styles.quiet}>
          From {nameOf(map, at)}, {bytesWords(event.dataBytes)},{" "}
          {event.provenance.hops === 0
            ? "first seen there"
            : `${countOf(event.provenance.hops, "hop")}: ${event.provenance.chain.join(" → ")}`}
        </p>
        {seq !== undefined && event.type === DELIVERY_FAILED_TYPE ? (
          <ToldFailure seq={seq} />
        ) : (
          <Share map={map} explanation={explanation} />
        )}
      </header>
      {missed.length === 0 ? null : (
        <section aria-label="Who does not get it">
          <h3 className={styles.subheading}>
            {missed.every(({ perhaps }) => perhaps) ? "Not known to get it" : "Does not get it"}
          </h3>
          <ul className={styles.list}>
            {missed.map((one) => {
              const reading = readingOf(one.key);
              return (
                <li key={one.key} data-says={one.key} data-missed={one.key} {...point(one.stoppedBy)}>
                  <p data-says={reading === undefined ? undefined : readingId(reading)}>
                    <StateMark tone={one.perhaps ? "wait" : "fail"} shape={one.perhaps ? "warning" : "barred"}>
                      {one.name}
                      {one.perhaps ? ": not known" : ""}
                    </StateMark>
                  </p>
                  <p>{one.sentence}</p>
                  {reading === undefined ? null : <ReadingFacts reading={reading} />}
                </li>
              );
            })}
          </ul>
        </section>
      )}
      <section aria-label="Who gets it">
        <h3 className={styles.subheading}>Gets it</h3>
        <ul className={styles.list}>
          {instances.map((one) => (
            <li key={one.key} data-says={one.key} data-reached={one.key} {...point(one.path)}>
              <StateMark tone={one.waits ? "wait" : "ok"} shape={one.waits ? "pause" : "tick"}>
                {one.name}: {one.key === at ? "has it" : reachWords(one)}
              </StateMark>
              {one.path.length === 0 ? null : (
                <p className={styles.quiet}>
                  {pathOf(one.path)}
                  {one.ways > 1 ? `, one of ${one.ways} ways` : ""}
                  {one.receivedAtMost > one.received ? `, at most ${one.receivedAtMost} copies` : ""}
                </p>
              )}
              {one.beyond === "unknown" ? (
                <p className={styles.quiet}>Unknown beyond here: nothing is guessed.</p>
              ) : null}
            </li>
          ))}
        </ul>
      </section>
      <ReadingList readings={going} />
      {hops.map((hop) => (
        <section key={hop} aria-label={`Hop ${hop}`}>
          <h3 className={styles.subheading}>Hop {hop}</h3>
          <ul className={styles.list}>{links.filter((link) => link.hop === hop).map(says)}</ul>
        </section>
      ))}
    </div>
  );
}
