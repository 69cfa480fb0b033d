import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import type { LinkView, PeerView } from "../../../shared/contract/index.ts";
import type { LinkDirection } from "../../../shared/links/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { type Column, DataList } from "../../ui/data-list.tsx";
import { Environment } from "../../ui/environment.tsx";
import { ListSays, ListScreen } from "../../ui/list-screen.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import { availabilityWords, LinkStateMark } from "./link-words.tsx";
import { PeerDetail } from "./peer-detail.tsx";
import styles from "./peers.module.css";
import { PeersSearch } from "./search.ts";

interface Row {
  readonly peer: PeerView;
  readonly link: LinkView;
}

/** Is each peer healthy, in each direction, and how do I pair one? */
export function PeersScreen() {
  const { query } = useHub();
  const go = useGo();
  const [{ id }, setSearch] = useScreenSearch(PeersSearch);
  const peers = useQuery(query.peers.list.queryOptions());
  const links = useQuery(query.links.list.queryOptions());
  const rows = useMemo(() => joined(peers.data, links.data), [peers.data, links.data]);
  const add = (): void => go("pairing");
  const close = (): void => setSearch({ id: undefined });
  useActions([{ id: "peers.add", group: "Peers", label: "Add a peer", keys: "N", words: "pair link", run: add }]);
  const error = peers.error ?? links.error;
  const again = (): void => void Promise.all([peers.refetch(), links.refetch()]);
  const place = rows?.findIndex(({ peer }) => peer.id === id) ?? -1;
  const unwell = rows?.filter(({ link }) => link.state === "failing" || link.state === "expired").length ?? 0;

  const list =
    rows === null ? (
      error === null ? (
        <Skeleton />
      ) : (
        <ErrorState title="The peers cannot be shown" error={error} onRetry={again} />
      )
    ) : rows.length === 0 ? (
      <EmptyState title="No peers yet">
        <p>
          A peer is another hub or a Kite server that events go to or come from. Pair a laptop with staging by one link.
        </p>
        <Button look="primary" keys="N" onClick={add}>
          Add a peer
        </Button>
      </EmptyState>
    ) : (
      <DataList
        primary
        label="Peers"
        columns={id === undefined ? COLUMNS : BESIDE_DETAIL}
        count={rows.length}
        itemAt={(index) => rows[index]}
        keyOf={({ peer }) => peer.id}
        active={place < 0 ? null : place}
        onActive={(index) => setSearch({ id: rows[index]?.peer.id })}
        onOpen={(index) => {
          const row = rows[index];
          if (row !== undefined) go(`peers/${row.peer.id}`);
        }}
        rowHeight={34}
      />
    );

  return (
    <ListScreen
      id="peers"
      tools={
        <>
          <ListSays>
            {rows === null
              ? ""
              : `${countOf(rows.length, "peer")}${unwell === 0 ? "" : `, ${countWords(unwell)} failing`}`}
          </ListSays>
          <Button look="primary" onClick={add} keys="N">
            <Plus aria-hidden="true" />
            Add a peer
          </Button>
        </>
      }
      list={list}
      detail={id === undefined ? null : <PeerDetail key={id} id={id} docked onClose={close} />}
      onClose={close}
    />
  );
}

function joined(peers: readonly PeerView[] | undefined, links: readonly LinkView[] | undefined): Row[] | null {
  if (peers === undefined || links === undefined) return null;
  const linkOf = new Map(links.map((link) => [link.peer.id, link]));
  return peers.flatMap((peer) => {
    const link = linkOf.get(peer.id);
    return link === undefined ? [] : [{ peer, link }];
  });
}

const directionColumn = (direction: LinkDirection, header: string): Column<Row> => ({
  id: direction,
  header,
  width: "minmax(60px, 1fr)",
  cell: ({ link }) => {
    const found = link.directions.find((each) => each.direction === direction);
    return found === undefined ? (
      <span className={styles.faint} title="Not set up">
        –
      </span>
    ) : (
      <span title={found.why}>
        <LinkStateMark state={found.state} direction={direction} short />
      </span>
    );
  },
});

const latest = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
};

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "name",
    header: "Peer",
    width: "minmax(80px, 2fr)",
    cell: ({ peer }) => (
      <span className={styles.name} title={`${peer.name}, ${peer.hookUrl}`}>
        {peer.name}
      </span>
    ),
  },
  {
    id: "environment",
    header: "Environment",
    width: "minmax(78px, 1.1fr)",
    cell: ({ peer }) => <Environment of={peer} />,
  },
  directionColumn("push_out", "Push out"),
  directionColumn("push_in", "Push in"),
  directionColumn("pull", "Pull"),
  directionColumn("read", "Read"),
  {
    id: "success",
    header: "Last success",
    width: "minmax(74px, 0.7fr)",
    cell: ({ link }) => {
      const at = latest(link.directions.map(({ lastSuccessAt }) => lastSuccessAt));
      return at === null ? <span className={styles.faint}>never</span> : <Time at={at} />;
    },
  },
  {
    id: "backlog",
    header: "Owed",
    width: "54px",
    align: "end",
    cell: ({ link }) => countWords(link.directions.find(({ direction }) => direction === "push_out")?.backlog ?? 0),
  },
  {
    id: "availability",
    header: "Last day",
    width: "66px",
    align: "end",
    cell: ({ link }) => {
      const shares = link.directions.map(({ availability }) => availability).filter((share) => share !== null);
      return shares.length === 0 ? (
        <span className={styles.faint}>–</span>
      ) : (
        <span title="Availability of its worst direction over the last day">
          {availabilityWords(Math.min(...shares))}
        </span>
      );
    },
  },
];

/** What the detail says too gives way to it. */
const BESIDE_DETAIL = COLUMNS.filter((column) => !["success", "backlog", "availability"].includes(column.id));
