import { useEffect, useRef, useState } from "react";
import { useConnection, useHub, useHubState } from "../data/hub.tsx";
import { useNow } from "../data/ticker.ts";
import { Button } from "../ui/button.tsx";
import { StateMark } from "../ui/mark.tsx";
import { durationWords } from "../ui/time-words.ts";
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
    return <Reconnecting retryAt={state.retryAt} stopping={hub?.phase === "stopping"} />;
  if (caughtUp)
    return (
      <div className={styles.banner} data-tone="ok" role="status">
        <StateMark tone="ok" shape="tick">
          Connected again, and caught up
        </StateMark>
      </div>
    );
  if (phase === "connected" && hub !== null && hub.phase !== "running")
    return (
      <div className={styles.banner} role="status">
        <StateMark tone="wait" shape="warning">
          {PHASES[hub.phase]}
        </StateMark>
        <span>{hub.problems.join(" ")}</span>
      </div>
    );
  return null;
}

const PHASES = { starting: "The hub is starting", degraded: "The hub needs a hand", stopping: "The hub is stopping" };

function Reconnecting({ retryAt, stopping }: { retryAt: number; stopping: boolean }) {
  const { connection, clock } = useHub();
  const left = retryAt + clock.offset - useNow();
  return (
    <div className={styles.banner} role="status">
      <StateMark tone="wait" shape="clock">
        {stopping ? "The hub is restarting" : "No connection to the hub"}
      </StateMark>
      <span>
        What you see stays.{" "}
        {left > 500 ? `Next try in ${durationWords(Math.ceil(left / 1_000) * 1_000)}.` : "Trying now."}
      </span>
      <Button onClick={connection.tryNow}>Try now</Button>
    </div>
  );
}
