import { useQuery } from "@tanstack/react-query";
import type { PairingView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { DirectionStates, FirstEvent } from "./first-event.tsx";
import styles from "./pairing.module.css";

/** What came of it, and the first event that comes from there. */
export function Paired({ pairing: { peer, problem } }: { pairing: PairingView }) {
  const { query } = useHub();
  const go = useGo();
  const links = useQuery(query.links.list.queryOptions());
  const link = links.data?.find((each) => each.peer.id === peer?.id);
  if (peer === null) return <p>The peer was removed since.</p>;
  return (
    <>
      {problem === null ? null : (
        <p role="alert" className={styles.said}>
          <StateMark tone="fail" shape="cross">
            The test of the new link failed
          </StateMark>
          {problem}
        </p>
      )}
      <FirstEvent peerNo={peer.no} />
      {link === undefined ? null : <DirectionStates link={link} />}
      <p className={styles.foot}>
        <Button look="primary" onClick={() => go(`peers/${peer.id}`)}>
          Go to {peer.name}
        </Button>
        <Button onClick={() => go(`peers/${peer.id}`, { tab: "test" })}>Test the link</Button>
      </p>
    </>
  );
}
