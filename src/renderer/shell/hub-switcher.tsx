import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { hueOf } from "../ui/hue.ts";
import { Menu } from "../ui/menu.tsx";
import { useHubs } from "./console-context.tsx";
import { HubsDialog } from "./hubs-dialog.tsx";
import { closeHubsDialog, showHubsDialog, useHubsDialogOpen } from "./hubs-dialog-state.ts";
import { useActions } from "./keyboard/use-actions.ts";
import { useHubId } from "./navigation.ts";
import styles from "./shell.module.css";

/** Which hub is looked at, in its colour and in words, and the way to another. */
export function HubSwitcher() {
  const hubs = useHubs();
  const id = useHubId();
  const navigate = useNavigate();
  const managing = useHubsDialogOpen();
  const current = hubs.find((hub) => hub.id === id);
  const go = (hub: string): void => void navigate({ to: `/${hub}/stream` });
  useActions([
    {
      id: "hubs",
      group: "Hubs",
      label: "Hubs: look at, attach, detach",
      keys: "H",
      words: "switch connect remote",
      run: showHubsDialog,
    },
    ...hubs
      .filter((hub) => hub.id !== id)
      .map((hub) => ({
        id: `hub.${hub.id}`,
        group: "Hubs",
        label: `Look at ${hub.name} (${hub.environment})`,
        run: () => go(hub.id),
      })),
  ]);
  return (
    <>
      <Menu
        trigger={
          <button type="button" className={styles.hub} style={hueOf(current?.environment)}>
            <b>{current?.environment ?? "unknown"}</b>
            {current?.name === current?.environment && current !== undefined ? null : (
              <span>{current?.name ?? id}</span>
            )}
            <ChevronsUpDown size={12} aria-hidden="true" />
          </button>
        }
        entries={[
          { kind: "label", label: "Look at" },
          ...hubs.map((hub) => ({
            label: hub.name === hub.environment ? hub.name : `${hub.name} (${hub.environment})`,
            disabled: hub.id === id,
            onSelect: () => go(hub.id),
          })),
          { kind: "line" },
          { label: "Attach or detach…", keys: "H", onSelect: showHubsDialog },
        ]}
      />
      <HubsDialog open={managing} onClose={closeHubsDialog} />
    </>
  );
}
