import type { OverviewView } from "../../../shared/contract/index.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import { type Search, useHasScreen } from "../../shell/navigation.ts";
import { countWords } from "../../ui/time-words.ts";
import styles from "./overview.module.css";

/** The numbers of the hub, each a way to what it counts. */
export function Totals({ totals }: { totals: OverviewView["totals"] }) {
  return (
    <section className={styles.totals} aria-label="Totals">
      <Total label="Events kept" value={totals.events} to="stream" />
      <Total label="Today" value={totals.eventsToday} to="stream" />
      <Total label="Owed" value={totals.owed} to="outbox" />
      <Total label="Dead letters" value={totals.dead} to="outbox" search={{ state: "dead" }} />
      <Total label="Peers" value={totals.peers} to="peers" />
      <Total label="Listeners" value={totals.listeners} to="listeners" />
      <Total label="Endpoints" value={totals.endpoints} to="endpoints" />
    </section>
  );
}

function Total({ label, value, to, search = {} }: { label: string; value: number; to: string; search?: Search }) {
  const inside = (
    <>
      <span className={styles.value}>{countWords(value)}</span>
      <span className={styles.name}>{label}</span>
    </>
  );
  return useHasScreen(to) ? (
    <HubLink to={to} search={search} className={styles.total}>
      {inside}
    </HubLink>
  ) : (
    <span className={styles.total}>{inside}</span>
  );
}
