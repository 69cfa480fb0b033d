import { type ReactNode, useEffect, useRef, useState } from "react";
import { CLOSE, needsAPerson } from "../../shared/console-close.ts";
import { useConnection, useHub, useHubState } from "../data/hub.tsx";
import { useNow } from "../data/ticker.ts";
import { Button } from "../ui/button.tsx";
import { StateMark } from "../ui/mark.tsx";
import { durationWords } from "../ui/time-words.ts";
import { keepClear } from "../ui/toasts.tsx";
import { showHubsDialog } from "./hubs-dialog-state.ts";
import styles from "./shell.module.css";

const CAUGHT_UP_TIME = 2_500;

/** Says when the line to the hub is broken, when it is tried again, and when all is well again. */
export function ConnectionBanner() {
  const state = useConnection();
  const hub = useHubState();
  const broken = useRef(false);
  const [caughtUp, setCaughtUp] = useState(false);
  const { phase } = state;

  useEffect(() => {
    if (phase === "reconnecting") broken.current = true;
    if (phase !== "connected" || !broken.current) return;
    broken.current = false;
    setCaughtUp(true);
    const timer = setTimeout(() => setCaughtUp(false), CAUGHT_UP_TIME);
    return () => clearTimeout(timer);
  }, [phase]);

  if (state.phase === "reconnecting")
    return (
      <Reconnecting
        retryAt={state.retryAt}
        code={state.code}
        reason={state.reason}
        stopping={hub?.phase === "stopping"}
      />
    );
  if (caughtUp)
    return (
      <Band tone="ok">
        <StateMark tone="ok" shape="tick">
          Connected again, and caught up
        </StateMark>
      </Band>
    );
  if (phase === "connected" && hub !== null && hub.phase !== "running")
    return (
      <Band>
        <StateMark tone="wait" shape="warning">
          {PHASES[hub.phase]}
        </StateMark>
        <span>{hub.problems.join(" ")}</span>
      </Band>
    );
  return null;
}

function Band({ tone, children }: { tone?: "ok" | "fail" | undefined; children: ReactNode }) {
  return (
    <div ref={keepClear} className={styles.banner} data-tone={tone} role="status">
      {children}
    </div>
  );
}

const PHASES = { starting: "The hub is starting", degraded: "The hub needs a hand", stopping: "The hub is stopping" };

const TITLES: Readonly<Record<number, string>> = {
  [CLOSE.unauthorized]: "This hub does not let the console in",
  [CLOSE.otherStart]: "This page is not let in",
  [CLOSE.notFound]: "There is no such hub",
  [CLOSE.tls]: "This hub's certificate is not trusted",
  [CLOSE.unreachable]: "This hub cannot be reached",
};

function Reconnecting({
  retryAt,
  code,
  reason,
  stopping,
}: {
  retryAt: number;
  code: number;
  reason: string;
  stopping: boolean;
}) {
  const { connection, clock, id } = useHub();
  const left = retryAt + clock.offset - useNow();
  const stuck = needsAPerson(code);
  const silent = id === "local" && TITLES[code] === undefined;
  const title = stopping ? "The hub is restarting" : (TITLES[code] ?? (silent ? SILENT : "No connection to the hub"));
  return (
    <Band tone={stuck ? "fail" : undefined}>
      <StateMark tone={stuck ? "fail" : "wait"} shape={stuck ? "cross" : "clock"}>
        {title}
      </StateMark>
      <span>
        {stopping ? "" : silent ? "If it was stopped, start it again with npm start. " : `${reason} `}
        {code === CLOSE.otherStart ? "This page then goes on by itself." : `What you see stays. ${whenWords(left)}`}
      </span>
      <Button onClick={connection.tryNow}>Try now</Button>
      {stuck && id !== "local" ? <Button onClick={showHubsDialog}>Show hubs</Button> : null}
    </Band>
  );
}

const SILENT = "The hub does not answer";

const whenWords = (left: number): string =>
  left > 500 ? `Next attempt in ${durationWords(Math.ceil(left / 1_000) * 1_000)}.` : "Trying now.";
