import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { z } from "zod";
import type { AppliedChange } from "../../shared/contract/index.ts";
import { type ApiCall, asCurl, type Change } from "../../shared/debugger/index.ts";
import { messageOf } from "../data/error-message.ts";
import { useHub } from "../data/hub.tsx";
import { useGo } from "../shell/navigation.ts";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { StateMark } from "../ui/mark.tsx";
import { ErrorState, Skeleton } from "../ui/state.tsx";
import { countOf } from "../ui/time-words.ts";
import { toast } from "../ui/toasts.tsx";
import styles from "./changes.module.css";
import { ManyDifferences } from "./many-differences.tsx";

const COMPARED = 1_000;

/** Previews changes exactly, with what they would do to the newest events, and makes those that are this hub's own. */
export function ApplyDialog({
  changes,
  onClose,
  onApplied,
}: {
  /** Null: the dialog is closed. */
  changes: readonly Change[] | null;
  onClose: () => void;
  onApplied?: () => void;
}) {
  const { query, client, queries } = useHub();
  const [applied, setApplied] = useState<z.infer<typeof AppliedChange>[] | null>(null);
  const [busy, setBusy] = useState(false);
  const wanted = [...(changes ?? [])];
  const { data, error } = useQuery({
    ...query.explain.whatIf.queryOptions({ input: { changes: wanted, last: COMPARED } }),
    enabled: wanted.length > 0,
  });
  const own = (data?.calls ?? []).filter(isOwnChange);
  const close = (): void => {
    setApplied(null);
    onClose();
  };
  const apply = async (): Promise<void> => {
    setBusy(true);
    try {
      const results = await client.explain.apply({ changes: wanted });
      for (const noun of [query.topology, query.explain, query.lint, query.peers])
        void queries.invalidateQueries({ queryKey: noun.key() });
      const done = results.filter((one) => one.applied).length;
      onApplied?.();
      if (done === results.length) {
        toast.done(`${countOf(done, "change")} made`);
        close();
      } else setApplied(results);
    } catch (problem) {
      toast.failed("Not changed", messageOf(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={changes !== null}
      onClose={close}
      title={`Apply ${countOf(wanted.length, "change")}`}
      about="These are the requests, as they will be made. What is another hub's setting is changed there, with its admin key."
      width={640}
      actions={
        <>
          <Button onClick={close}>{applied === null ? "Keep as it is" : "Close"}</Button>
          {applied === null ? (
            <Button look="primary" disabled={busy || own.length === 0} onClick={() => void apply()}>
              {own.length === 0 ? "Nothing to apply at this hub" : `Apply ${countOf(own.length, "change")} here`}
            </Button>
          ) : null}
        </>
      }
    >
      {error !== null ? (
        <ErrorState title="The changes cannot be previewed" error={error} />
      ) : data === undefined ? (
        <Skeleton lines={4} />
      ) : (
        <div className={styles.preview}>
          {applied === null ? null : <Results applied={applied} />}
          {data.problems.map(({ change, problem }) => (
            <p key={change} className={styles.sentence}>
              <StateMark tone="fail" shape="cross">
                {problem}
              </StateMark>
            </p>
          ))}
          <Calls calls={data.calls} />
          {data.many === null ? null : <ManyDifferences many={data.many} />}
        </div>
      )}
    </Dialog>
  );
}

/** A new peer needs both ends, and what is read over a stream its key. */
const isOwnChange = ({ own, method }: ApiCall): boolean => own && method !== "POST" && method !== "PUT";

function Results({ applied }: { applied: readonly z.infer<typeof AppliedChange>[] }) {
  return (
    <ul className={styles.results} role="status">
      {applied.map(({ change, applied: done, sentence }) => (
        <li key={change} className={styles.sentence}>
          <StateMark tone={done ? "ok" : "wait"} shape={done ? "tick" : "warning"}>
            {done ? "Made: " : "Not made: "}
            {sentence}
          </StateMark>
        </li>
      ))}
    </ul>
  );
}

/** Requests with the sentence of each, to be copied as commands; a new peer of this hub is made by pairing instead. */
export function Calls({ calls }: { calls: readonly ApiCall[] }) {
  return calls.map((call) => (
    <div key={`${call.method} ${call.at} ${call.path} ${call.sentence}`} className={styles.call}>
      <p>
        {call.sentence} <span className={styles.where}>{call.own ? "This hub." : `At ${call.name}.`}</span>
      </p>
      <PairInstead call={call} />
      <CodeBlock text={asCurl(call)} what="Request as a command" />
    </div>
  ));
}

const NewPeer = z.object({
  name: z.string(),
  peer_hook_url: z.string(),
  scopes: z.array(z.string()),
  max_hops: z.int().optional(),
});

/** Both hubs need the tokens of a new peer: pairing makes them, with what is known filled in. */
function PairInstead({ call: { own, method, body } }: { call: ApiCall }) {
  const go = useGo();
  const peer = NewPeer.safeParse(body);
  if (!own || method !== "POST" || !peer.success) return null;
  const { name, peer_hook_url: url, scopes, max_hops: hops } = peer.data;
  return (
    <p className={styles.pair}>
      <span>Both hubs need the tokens of a new peer, so that it is made by pairing.</span>
      <Button onClick={() => go("pairing", { way: "hand", name, url, scopes: scopes.join(","), hops })}>
        Pair with {name}
      </Button>
    </p>
  );
}
