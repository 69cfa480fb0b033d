import { useMutation } from "@tanstack/react-query";
import type { LinkView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/detail.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import styles from "./peers.module.css";

const GAPS = {
  cursor_expired: "the peer had dropped what came after our place",
  not_resumed: "the peer did not go on from our place",
  log_replaced: "the peer's log is another one now",
};

/** What is read from the peer, how far, and what nobody can say is here. */
export function PullFacts({ peerId, pull }: { peerId: string; pull: NonNullable<LinkView["pull"]> }) {
  const { query } = useHub();
  const failed = { onError: (error: unknown) => toast.failed("The pull link is as it was", messageOf(error)) };
  const status = useMutation(query.links.setPullStatus.mutationOptions(failed));
  const next = pull.status === "active" ? "paused" : "active";
  return (
    <>
      <Facts
        facts={[
          [
            "Stream",
            <span key="stream">
              <code>{pull.streamUrl}</code> of team {pull.remoteTeam}
            </span>,
          ],
          ["Place", `read to seq ${seqWords(pull.cursor)}; the peer is at ${seqWords(pull.remoteSeq)}`],
          ["Scopes", pull.scopes.join(", ")],
          ["Trouble", pull.error?.sentence],
          ["Next attempt", pull.retryAt === null ? null : <Countdown key="next" to={pull.retryAt} />],
          [
            "Not forwarded",
            pull.confirmed ? null : "What is read stays here until you confirm which instance the peer is.",
          ],
        ]}
      />
      {pull.gaps.length === 0 ? null : (
        <ul className={styles.gaps} aria-label="Gaps">
          {pull.gaps.map((gap) => (
            <li key={`${gap.at} ${gap.fromSeq}`} className={styles.line}>
              <StateMark tone="wait" shape="warning">
                Gap from seq {countWords(gap.fromSeq)} {gap.toSeq === null ? "on" : `to ${countWords(gap.toSeq)}`}
              </StateMark>
              <span>
                {GAPS[gap.reason]}, <Time at={gap.at} />
              </span>
            </li>
          ))}
          <li className={styles.note}>
            Nobody can say whether these are here. If they matter, have them sent again at the peer.
          </li>
        </ul>
      )}
      <div>
        <Button disabled={status.isPending} onClick={() => status.mutate({ peerId, status: next })}>
          {next === "paused" ? "Pause reading" : "Go on reading"}
        </Button>
      </div>
    </>
  );
}

export const seqWords = (seq: number | null): string => (seq === null ? "none yet" : countWords(seq));
