import { useMutation, useQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useState } from "react";
import type { LinkView, PeerView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { DetailHead } from "../../ui/detail.tsx";
import { Environment } from "../../ui/environment.tsx";
import { Badge } from "../../ui/mark.tsx";
import { Menu } from "../../ui/menu.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { toast } from "../../ui/toasts.tsx";
import { Directions } from "./directions.tsx";
import { Identity } from "./identity.tsx";
import { LinkTest } from "./link-test.tsx";
import { LinkStateMark } from "./link-words.tsx";
import { PeerReplay } from "./peer-replay.tsx";
import styles from "./peers.module.css";
import { PullForm } from "./pull-form.tsx";
import { Remove } from "./remove.tsx";
import { Resume } from "./resume.tsx";
import { RotateToken } from "./rotate-token.tsx";
import { PEER_TABS, PeersSearch } from "./search.ts";
import { SettingsForm } from "./settings-form.tsx";

interface DetailProps {
  readonly id: string;
  readonly docked: boolean;
  readonly onClose: () => void;
}

/** A peer, whole: how it does, how it is set, and what can be done about it. */
export function PeerDetail(props: DetailProps) {
  const { query } = useHub();
  const peers = useQuery(query.peers.list.queryOptions());
  const links = useQuery(query.links.list.queryOptions());
  const peer = peers.data?.find(({ id }) => id === props.id);
  const link = links.data?.find(({ peer: { id } }) => id === props.id);
  const error = peers.error ?? links.error;
  if (peer !== undefined && link !== undefined) return <Shown {...props} peer={peer} link={link} />;
  if (error !== null) return <ErrorState title="The peer cannot be shown" error={error} />;
  if (peers.data === undefined || links.data === undefined) return <Skeleton />;
  return <ErrorState title="There is no such peer" error={new Error("It may have been removed.")} />;
}

type Overlay = "resume" | "revoke" | "remove" | "rotate" | "replay" | null;
const isTab = (value: string): value is (typeof PEER_TABS)[number] => PEER_TABS.some((tab) => tab === value);

function Shown({ peer, link, docked, onClose }: DetailProps & { peer: PeerView; link: LinkView }) {
  const { query } = useHub();
  const go = useGo();
  const [{ tab }, setSearch] = useScreenSearch(PeersSearch);
  const [overlay, setOverlay] = useState<Overlay>(null);
  const close = (): void => setOverlay(null);
  const failed = { onError: (error: unknown) => toast.failed(`${peer.name} is as it was`, messageOf(error)) };
  const update = useMutation(query.peers.update.mutationOptions(failed));
  const running = peer.status === "active";
  const set = (status: "active" | "paused"): void =>
    update.mutate(
      { id: peer.id, status },
      { onSuccess: () => toast.done(status === "paused" ? `${peer.name} is paused` : `${peer.name} goes on`) },
    );
  const toggle = (): void => {
    if (running) set("paused");
    else if (peer.environment === "production" && !peer.receiveOnly) setOverlay("resume");
    else set("active");
  };
  const verb = running ? "Pause" : peer.status === "revoked" ? "Reinstate" : "Resume";
  useActions([
    { id: "peer.pause", group: "Peer", label: `${verb} ${peer.name}`, keys: "p", run: toggle },
    { id: "peer.replay", group: "Peer", label: "Replay to this peer", keys: "r", run: () => setOverlay("replay") },
    { id: "peer.rotate", group: "Peer", label: "Rotate the token", run: () => setOverlay("rotate") },
    { id: "peer.revoke", group: "Peer", label: "Revoke the peer", run: () => setOverlay("revoke") },
    { id: "peer.remove", group: "Peer", label: "Remove the peer", run: () => setOverlay("remove") },
    ...PEER_TABS.map((each, at) => ({
      id: `peer.${each}.tab`,
      group: "Peer",
      label: `Show ${each}`,
      keys: String(at + 1),
      run: () => setSearch({ tab: each }),
    })),
  ]);
  return (
    <article className={styles.detail} aria-label={`Peer ${peer.name}`}>
      <DetailHead
        title={peer.name}
        open={docked ? { label: "Open peer", run: () => go(`peers/${peer.id}`) } : undefined}
        onClose={onClose}
        facts={
          <>
            <Environment of={peer} />
            <LinkStateMark state={link.state} />
            {peer.receiveOnly ? <Badge shape="barred">Receive only</Badge> : null}
            <code title={peer.hookUrl}>{peer.hookUrl}</code>
          </>
        }
        note={<Identity peer={peer} />}
        actions={
          <>
            <Button onClick={toggle} keys="p" disabled={update.isPending}>
              {running ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
              {verb}
            </Button>

            <Button onClick={() => setOverlay("replay")} keys="r">
              Replay
            </Button>
            <Menu
              trigger={<Button>More</Button>}
              entries={[
                { label: "Rotate the token…", onSelect: () => setOverlay("rotate") },
                { kind: "line" },
                ...(peer.status === "revoked"
                  ? []
                  : [{ label: "Revoke…", danger: true, onSelect: () => setOverlay("revoke") }]),
                { label: "Remove…", danger: true, onSelect: () => setOverlay("remove") },
              ]}
            />
          </>
        }
      />
      <Tabs
        label="Parts of the peer"
        value={tab}
        onValue={(id) => (isTab(id) ? setSearch({ tab: id }) : undefined)}
        tabs={[
          { id: "health", label: "Health", body: <Directions link={link} peer={peer} /> },
          { id: "settings", label: "Settings", body: <Settings peer={peer} link={link} /> },
          { id: "test", label: "Test", body: <LinkTest peerId={peer.id} /> },
        ]}
      />
      <Resume peer={peer} open={overlay === "resume"} onClose={close} />
      {overlay === "revoke" || overlay === "remove" ? (
        <Remove peer={peer} how={overlay} onClose={close} onRemoved={onClose} />
      ) : null}
      {overlay === "rotate" ? <RotateToken peer={peer} onClose={close} /> : null}
      {overlay === "replay" ? <PeerReplay peer={peer} onClose={close} /> : null}
    </article>
  );
}

const Settings = ({ peer, link }: { peer: PeerView; link: LinkView }) => (
  <>
    <SettingsForm peer={peer} />
    <PullForm peerId={peer.id} hookUrl={peer.hookUrl} pull={link.pull} />
  </>
);
