import { useMutation, useQuery } from "@tanstack/react-query";
import type { PairingView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useParam } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { copyText } from "../../ui/copy.tsx";
import { ShapeIcon } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Countdown } from "../../ui/time.tsx";
import { toast } from "../../ui/toasts.tsx";
import { Compare } from "./compare.tsx";
import { linkOf } from "./made-links.ts";
import { offerSentences } from "./offer-words.ts";
import { Paired } from "./paired.tsx";
import styles from "./pairing.module.css";
import { PairingStateMark } from "./pairing-state.tsx";
import { Words } from "./words.tsx";

/** One pairing, from the link to the first event, as this side sees it. */
export function PairingUnderWay() {
  const { query } = useHub();
  const go = useGo();
  const id = useParam("id");
  const { data, error, refetch } = useQuery(query.pairing.get.queryOptions({ input: { id } }));
  useActions([
    { id: "pairing.back", group: "Pairing", label: "Back", keys: "Escape", palette: false, run: () => go("pairing") },
  ]);
  if (data !== undefined) return <Shown pairing={data} />;
  if (error !== null)
    return <ErrorState title="The pairing cannot be shown" error={error} onRetry={() => void refetch()} />;
  return <Skeleton />;
}

const STEPS = ["Link", "Compare the words", "Confirm on both sides", "Paired"];
const PLACE: Readonly<Record<PairingView["state"], number>> = {
  offered: 0,
  comparing: 1,
  confirmed_there: 1,
  confirmed_here: 2,
  done: 4,
  refused: -1,
  expired: -1,
};

function Shown({ pairing }: { pairing: PairingView }) {
  const { query } = useHub();
  const go = useGo();
  const { id, role, state, other, offer } = pairing;
  const link = linkOf(id);
  const refuse = useMutation(
    query.pairing.refuse.mutationOptions({
      onError: (error) => toast.failed("Not refused", messageOf(error)),
    }),
  );
  const them = other?.instanceId ?? "the other side";
  const [maker, opener] = role === "maker" ? ["this hub", them] : [them, "this hub"];
  const compares = state === "comparing" || state === "confirmed_there";
  const ended = state === "done" || state === "refused" || state === "expired";
  const agreed = (
    <ul className={styles.offer} aria-label="What is agreed">
      {offerSentences(offer, maker ?? "", opener ?? "").map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
  const refusal = (
    <Button look="danger" disabled={refuse.isPending} onClick={() => refuse.mutate({ id })}>
      {compares ? "They differ: refuse" : role === "maker" && state === "offered" ? "Take the link back" : "Refuse"}
    </Button>
  );
  return (
    <div className={styles.screen}>
      <header className={styles.head}>
        <h2>Pairing with {them}</h2>
        {compares || state === "done" ? null : <PairingStateMark state={state} />}
        <ol className={styles.steps} aria-label="Steps">
          {STEPS.map((step, at) => (
            <li key={step} data-done={at < PLACE[state]} aria-current={at === PLACE[state] ? "step" : undefined}>
              <ShapeIcon shape={at < PLACE[state] ? "tick" : at === PLACE[state] ? "dot" : "ring"} />
              {step}
            </li>
          ))}
        </ol>
      </header>
      <div className={styles.body} role="status">
        {state === "comparing" ? null : state === "confirmed_there" ? (
          <p className={styles.sentence}>The other side has confirmed. Now this one.</p>
        ) : (
          <p className={styles.sentence}>{pairing.sentence}</p>
        )}
        {role === "maker" && state === "offered" ? (
          link === null ? (
            <p>The link was shown once and is gone from this page. If you do not have it, make a new one.</p>
          ) : (
            <>
              <CodeBlock text={link} what="the pairing link" />
              <div>
                <Button look="primary" onClick={() => void copyText(link, "the pairing link")}>
                  Copy the link
                </Button>
              </div>
              <p>Open it at the other hub: a click on it opens the app, or paste it under Add a peer. It works once.</p>
            </>
          )
        ) : null}
        {compares ? <Compare pairing={pairing} agreed={agreed} refuse={refusal} /> : null}
        {state === "confirmed_here" && pairing.words !== null ? <Words words={pairing.words} /> : null}
        {state === "done" ? <Paired pairing={pairing} /> : compares || ended ? null : agreed}
        {ended ? null : (
          <p className={styles.foot}>
            <span>
              Expires <Countdown to={pairing.expiresAt} />
            </span>
            {compares ? null : refusal}
          </p>
        )}
        {state === "refused" || state === "expired" ? (
          <div>
            <Button look="primary" onClick={() => go("pairing")}>
              Begin anew
            </Button>
          </div>
        ) : null}
      </div>
    </div>
  );
}
