import type { LinkView, PeerView } from "../../../shared/contract/index.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import { Facts } from "../../ui/detail.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countOf, durationWords } from "../../ui/time-words.ts";
import { availabilityWords, clockWords, DIRECTION_WORDS, LinkStateMark } from "./link-words.tsx";
import styles from "./peers.module.css";
import { PullFacts } from "./pull-facts.tsx";

const BREAKER = {
  closed: "closed: entries are sent as they come",
  open: "open: nothing is sent until the next probe",
  half_open: "half open: one entry is tried",
};

/** Each direction by itself: a peer may send well and take nothing. */
export function Directions({ link, peer }: { link: LinkView; peer: PeerView }) {
  return (
    <div className={styles.directions}>
      {link.directions.map((each) => (
        <section key={each.direction} className={styles.direction} aria-label={DIRECTION_WORDS[each.direction].name}>
          <header>
            <h3>{DIRECTION_WORDS[each.direction].name}</h3>
            <span className={styles.faint}>{DIRECTION_WORDS[each.direction].about}</span>
            <LinkStateMark state={each.state} direction={each.direction} />
          </header>
          <p className={styles.why}>{each.why}</p>
          {each.direction === "read" ? (
            <Reader each={each} />
          ) : (
            <Facts
              facts={[
                [
                  "Last success",
                  each.lastSuccessAt === null ? "never" : <Time key="success" at={each.lastSuccessAt} />,
                ],
                [
                  "Last failure",
                  each.lastFailureAt === null ? (
                    "none"
                  ) : (
                    <Failure
                      key="failure"
                      at={each.lastFailureAt}
                      why={each.lastFailure === each.why ? null : each.lastFailure}
                    />
                  ),
                ],
                ["Failing since", each.failingSince === null ? null : <Time key="since" at={each.failingSince} />],
                ["Breaker", each.breaker === null ? null : BREAKER[each.breaker]],
                ["Owed", each.direction === "push_out" ? countOf(each.backlog ?? 0, "entry", "entries") : null],
                [
                  "Lag",
                  each.direction !== "pull"
                    ? null
                    : each.backlog === null
                      ? "not known"
                      : each.backlog === 0
                        ? "none"
                        : `at most ${countOf(each.backlog, "event")}`,
                ],
                ["Peer's clock", clockWords(each.clockOffset, durationWords)],
                ["Last day", availabilityWords(each.availability)],
                [
                  "Tokens",
                  each.direction === "push_in" && peer.previousTokenUntil !== null ? (
                    <span key="tokens">
                      two are taken: the one before ends <Countdown to={peer.previousTokenUntil} due="now" />
                    </span>
                  ) : null,
                ],
              ]}
            />
          )}
          {each.direction === "pull" && link.pull !== null ? (
            <PullFacts peerId={link.peer.id} pull={link.pull} />
          ) : null}
        </section>
      ))}
    </div>
  );
}

/** A reader is seen by its connection alone. */
function Reader({ each }: { each: LinkView["directions"][number] }) {
  return (
    <Facts
      facts={[
        ["Connected", each.lastSuccessAt === null ? "not now" : <Time key="connected" at={each.lastSuccessAt} />],
        [
          "Still to read",
          each.backlog === null ? null : each.backlog === 0 ? "nothing" : `at most ${countOf(each.backlog, "event")}`,
        ],
        [
          "By",
          <p key="by">
            a key that follows the types of the pairing and opens nothing else: <HubLink to="keys">API keys</HubLink>
          </p>,
        ],
      ]}
    />
  );
}

/** When it failed last, and how, where the state of the direction does not say the same already. */
const Failure = ({ at, why }: { at: number; why: string | null }) => (
  <>
    <Time at={at} />
    {why === null ? null : <span className={styles.cause}>{why}</span>}
  </>
);
