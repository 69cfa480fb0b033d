import type { LinkView, PeerView } from "../../../shared/contract/index.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countOf, durationWords } from "../../ui/time-words.ts";
import { Fact } from "./fact.tsx";
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
            <dl className={styles.facts}>
              <Fact name="Last success">
                {each.lastSuccessAt === null ? "never" : <Time at={each.lastSuccessAt} />}
              </Fact>
              <Fact name="Last failure">
                {each.lastFailureAt === null ? (
                  "none"
                ) : (
                  <>
                    <Time at={each.lastFailureAt} />
                    {each.lastFailure === null ? null : <span className={styles.cause}>{each.lastFailure}</span>}
                  </>
                )}
              </Fact>
              {each.failingSince === null ? null : (
                <Fact name="Failing since">
                  <Time at={each.failingSince} />
                </Fact>
              )}
              {each.breaker === null ? null : <Fact name="Breaker">{BREAKER[each.breaker]}</Fact>}
              {each.direction === "push_out" ? (
                <Fact name="Backlog">{countOf(each.backlog ?? 0, "entry", "entries")} owed</Fact>
              ) : null}
              {each.direction === "pull" ? (
                <Fact name="Lag">
                  {each.backlog === null ? "not known" : `at most ${countOf(each.backlog, "event")}`}
                </Fact>
              ) : null}
              <Fact name="Peer's clock">{clockWords(each.clockOffset, durationWords)}</Fact>
              <Fact name="Last day">{availabilityWords(each.availability)}</Fact>
              {each.direction === "push_in" && peer.previousTokenUntil !== null ? (
                <Fact name="Tokens">
                  two are taken: the one before ends <Countdown to={peer.previousTokenUntil} due="now" />
                </Fact>
              ) : null}
            </dl>
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
    <dl className={styles.facts}>
      <Fact name="Connected">{each.lastSuccessAt === null ? "not now" : <Time at={each.lastSuccessAt} />}</Fact>
      {each.backlog === null ? null : <Fact name="Still to read">at most {countOf(each.backlog, "event")}</Fact>}
      <Fact name="By">
        a key that follows the types of the pairing and opens nothing else: <HubLink to="keys">API keys</HubLink>
      </Fact>
    </dl>
  );
}
