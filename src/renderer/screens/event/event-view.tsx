import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { RotateCcw, Save, Waypoints } from "lucide-react";
import { useState } from "react";
import type { EventView as Event } from "../../../shared/contract/index.ts";
import { explainIssue } from "../../../shared/rules/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useHasScreen, useScreenSearch } from "../../shell/navigation.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { CopyMenu } from "../../ui/copy.tsx";
import { DetailHead } from "../../ui/detail.tsx";
import { Badge, HopDots } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { absoluteWords, bytesWords, countWords } from "../../ui/time-words.ts";
import { Attempts } from "./attempts.tsx";
import { copyablesOf, saveFixture } from "./copyables.ts";
import { Decisions } from "./decisions.tsx";
import styles from "./event.module.css";
import { EventReplay } from "./event-replay.tsx";
import { Journey } from "./journey.tsx";
import { Payload } from "./payload.tsx";
import { EVENT_TABS, EventSearch, StreamSelection } from "./search.ts";

const isTab = (value: string): value is (typeof EVENT_TABS)[number] => EVENT_TABS.some((tab) => tab === value);

/** An event, whole: on a screen of its own, or docked beside a list. */
export function EventView({ seq, docked = false }: { seq: number; docked?: boolean }) {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(
    query.events.get.queryOptions({ input: { seq }, placeholderData: keepPreviousData }),
  );
  if (data !== undefined) return <Shown event={data} docked={docked} />;
  if (error !== null)
    return (
      <ErrorState title={`Event ${countWords(seq)} cannot be shown`} error={error} onRetry={() => void refetch()} />
    );
  return <Skeleton />;
}

function Shown({ event, docked }: { event: Event; docked: boolean }) {
  const { query } = useHub();
  const go = useGo();
  const about = useQuery(query.hub.about.queryOptions());
  const [{ tab }, setSearch] = useScreenSearch(EventSearch);
  const [, setStream] = useScreenSearch(StreamSelection);
  const [replaying, setReplaying] = useState(false);
  const { seq } = event;
  const explain = useHasScreen("explain") ? () => go("explain", { seq }) : null;
  const replay = (): void => setReplaying(true);
  useActions([
    { id: "event.replay", group: "Event", label: "Replay this event", keys: "r", run: replay },
    ...(explain === null
      ? []
      : [{ id: "event.explain", group: "Event", label: "Explain this event", keys: "e", run: explain }]),
    { id: "event.fixture", group: "Event", label: "Save as fixture", run: () => saveFixture(event) },
    ...EVENT_TABS.map((each, at) => ({
      id: `event.${each}`,
      group: "Event",
      label: `Show ${each}`,
      keys: String(at + 1),
      run: () => setSearch({ tab: each }),
    })),
  ]);
  return (
    <article className={styles.event} aria-label={`Event ${seq}`}>
      <DetailHead
        title={event.type}
        open={docked ? { label: "Open event", run: () => go(`event/${seq}`) } : undefined}
        onClose={docked ? () => setStream({ seq: undefined }) : undefined}
        facts={
          <>
            <span>Seq {countWords(seq)}</span>
            <span title={event.source}>{event.source}</span>
            <span title={absoluteWords(event.at)}>
              <Time at={event.at} />
            </span>
            <span>{bytesWords(event.dataBytes)}</span>
            <HopDots hops={event.hops} chain={event.chain} />
            <Integrity event={event} />
            {event.verified ? (
              <Badge tone="ok" shape="tick">
                Signature checked
              </Badge>
            ) : null}
            {event.replayOf === null ? null : <Badge>Replay of {countWords(event.replayOf)}</Badge>}
          </>
        }
        note={
          <p className={styles.id} title="Id of the CloudEvent">
            {event.id}
          </p>
        }
        actions={
          <>
            <Button onClick={replay} keys="r">
              <RotateCcw aria-hidden="true" />
              Replay
            </Button>
            {explain === null ? null : (
              <Button onClick={explain} keys="e">
                <Waypoints aria-hidden="true" />
                Explain
              </Button>
            )}
            <CopyMenu copyables={copyablesOf(event, about.data?.hookUrl ?? "")} />
            <IconButton label="Save as fixture" onClick={() => saveFixture(event)}>
              <Save />
            </IconButton>
          </>
        }
      />
      <Tabs
        label="Parts of the event"
        value={tab}
        onValue={(id) => (isTab(id) ? setSearch({ tab: id }) : undefined)}
        tabs={[
          { id: "journey", label: "Journey", body: <Journey event={event} /> },
          { id: "decisions", label: "Decisions", count: event.decisions.length, body: <Decisions event={event} /> },
          { id: "attempts", label: "Attempts", count: event.attempts.length, body: <Attempts event={event} /> },
          { id: "payload", label: "Payload", body: <Payload event={event} /> },
        ]}
      />
      {replaying ? <EventReplay event={event} onClose={() => setReplaying(false)} /> : null}
    </article>
  );
}

/** Do chain, hops, origin and caller agree? */
function Integrity({ event: { integrity, hops } }: { event: Event }) {
  if (integrity.length > 0)
    return (
      <span title={integrity.map(explainIssue).join(" ")}>
        <Badge tone="wait" shape="warning">
          Provenance does not agree
        </Badge>
      </span>
    );
  return hops === 0 ? null : <Badge tone="ok">Provenance agrees</Badge>;
}
