import { useQuery } from "@tanstack/react-query";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { Countdown } from "../../ui/time.tsx";
import styles from "./pairing.module.css";
import { PairingStateMark } from "./pairing-state.tsx";

const ENDED = ["done", "refused", "expired"];

/** Pairings that are half done, on whichever side they were begun. */
export function UnderWay() {
  const { query } = useHub();
  const { data } = useQuery(query.pairing.list.queryOptions());
  const open = data?.filter(({ state }) => !ENDED.includes(state)) ?? [];
  if (open.length === 0) return null;
  return (
    <section className={styles.underWay} aria-label="Pairings under way">
      <h2>Under way</h2>
      <ul>
        {open.map(({ id, role, state, other, expiresAt }) => (
          <li key={id}>
            <HubLink to={`pairing/${id}`}>
              {other?.instanceId ?? (role === "maker" ? "A link made here" : "A link opened here")}
            </HubLink>
            <PairingStateMark state={state} />
            <span>
              expires <Countdown to={expiresAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
