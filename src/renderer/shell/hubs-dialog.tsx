import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { HubRef } from "../../shared/contract/index.ts";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog, Dialog } from "../ui/dialog.tsx";
import { hueOf } from "../ui/hue.ts";
import { toast } from "../ui/toasts.tsx";
import { AttachForm } from "./attach-form.tsx";
import { useConsole, useHubs } from "./console-context.tsx";
import styles from "./hubs.module.css";
import { useHubId } from "./navigation.ts";

/** Every hub that this console can look at, and the way to add or remove one. */
export function HubsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { own } = useConsole();
  const hubs = useHubs();
  const looked = useHubId();
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState<HubRef | null>(null);
  const detach = useMutation(own.query.hubs.remove.mutationOptions(), own.queries);
  const refresh = (): Promise<void> => own.queries.invalidateQueries({ queryKey: own.query.hubs.key() });
  const look = (id: string): void => {
    onClose();
    void navigate({ to: `/${id}/stream` });
  };
  const remove = async ({ id, name }: HubRef): Promise<void> => {
    await detach.mutateAsync({ id });
    if (id === looked) void navigate({ to: "/local/stream" });
    await refresh();
    toast.done(`${name} is detached`);
  };
  return (
    <>
      <Dialog
        open={open}
        onClose={onClose}
        title="Hubs"
        about="The console can look at any Kite Desktop hub that you have an admin key of."
        width={620}
        actions={<Button onClick={onClose}>Close</Button>}
      >
        <ul className={styles.hubs} aria-label="Hubs">
          {hubs.map((hub) => (
            <li key={hub.id} className={styles.hub} style={hueOf(hub.environment)}>
              <b>{hub.environment}</b>
              <span>
                {hub.name}
                <small>
                  {hub.url}
                  {hub.instanceId === null || hub.instanceId === hub.name ? "" : `, instance ${hub.instanceId}`}
                </small>
              </span>
              <Button disabled={hub.id === looked} aria-label={`Look at ${hub.name}`} onClick={() => look(hub.id)}>
                {hub.id === looked ? "Looked at" : "Look at"}
              </Button>
              {hub.environment === "local" || hub.environment === "lab" ? (
                <span />
              ) : (
                <Button look="quiet" aria-label={`Detach ${hub.name}`} onClick={() => setLeaving(hub)}>
                  Detach
                </Button>
              )}
            </li>
          ))}
        </ul>
        <AttachForm
          onAttached={(hub) => {
            void refresh().then(() => look(hub.id));
            toast.done(`${hub.name} is attached`);
          }}
        />
      </Dialog>
      {leaving === null ? null : (
        <ConfirmDialog
          open
          onClose={() => setLeaving(null)}
          title={`Detach ${leaving.name}?`}
          about="The hub itself is not touched. This console forgets its address and the admin key, which has to be entered again to come back."
          confirm={`Detach ${leaving.name}`}
          onConfirm={() => remove(leaving)}
        />
      )}
    </>
  );
}
