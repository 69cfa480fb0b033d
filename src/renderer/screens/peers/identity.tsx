import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Input } from "../../ui/field.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { toast } from "../../ui/toasts.tsx";
import styles from "./peers.module.css";

const FROM = {
  pairing: "confirmed, by pairing or by a person",
  health: "as the peer says itself",
  chain: "guessed from the chains of its events",
};

/** Which instance the peer is and how that is known; another that answers in its place is accepted here, or refused. */
export function Identity({ peer }: { peer: PeerView }) {
  const { query } = useHub();
  const [typed, setTyped] = useState("");
  const failed = { onError: (error: unknown) => toast.failed("The instance id is as it was", messageOf(error)) };
  const confirm = useMutation(query.links.confirmInstance.mutationOptions(failed));
  const update = useMutation(query.peers.update.mutationOptions(failed));
  const say = (instanceId: string): void => confirm.mutate({ peerId: peer.id, instanceId });
  if (peer.strangerId !== null)
    return (
      <section className={styles.stranger} role="alert">
        <StateMark tone="fail" shape="warning">
          Another instance answers in this peer's place
        </StateMark>
        <p>
          It calls itself <code>{peer.strangerId}</code>; this peer is <code>{peer.instanceId ?? "not known"}</code>.
          Nothing is exchanged until you decide. Accept it only if you replaced the peer.
        </p>
        <div className={styles.line}>
          <Button look="primary" disabled={confirm.isPending} onClick={() => say(peer.strangerId ?? "")}>
            Accept {peer.strangerId}
          </Button>
          <Button
            look="danger"
            disabled={update.isPending}
            onClick={() => update.mutate({ id: peer.id, status: "revoked" })}
          >
            Refuse: revoke the peer
          </Button>
        </div>
      </section>
    );
  const sure = peer.instanceIdFrom === "pairing" || peer.instanceIdFrom === "health";
  return (
    <div className={styles.identity}>
      <span>
        Instance{" "}
        {peer.instanceId === null ? (
          "not known yet"
        ) : (
          <>
            <code>{peer.instanceId}</code>
            {peer.instanceIdFrom === null ? "" : `, ${FROM[peer.instanceIdFrom]}`}
          </>
        )}
      </span>
      {sure ? null : peer.instanceId === null ? (
        <form
          className={styles.line}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== "") say(typed.trim());
          }}
        >
          <Input
            aria-label="Instance id of the peer"
            placeholder="its instance id"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
          <Button type="submit" disabled={typed.trim() === "" || confirm.isPending}>
            Confirm
          </Button>
        </form>
      ) : (
        <Button disabled={confirm.isPending} onClick={() => say(peer.instanceId ?? "")}>
          Confirm {peer.instanceId}
        </Button>
      )}
    </div>
  );
}
