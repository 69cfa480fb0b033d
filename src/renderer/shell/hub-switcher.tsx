import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { Menu } from "../ui/menu.tsx";
import { useHubs } from "./console-context.tsx";
import { useActions } from "./keyboard/use-actions.ts";
import { useHubId } from "./navigation.ts";
import styles from "./shell.module.css";

/** Which hub is looked at, in its colour and in words, and the way to another. */
export function HubSwitcher() {
  const hubs = useHubs();
  const id = useHubId();
  const navigate = useNavigate();
  const current = hubs.find((hub) => hub.id === id);
  const go = (hub: string): void => void navigate({ to: `/${hub}/stream` });
  useActions(
    hubs
      .filter((hub) => hub.id !== id)
      .map((hub) => ({
        id: `hub.${hub.id}`,
        group: "Hubs",
        label: `Look at ${hub.name} (${hub.environment})`,
        run: () => go(hub.id),
      })),
  );
  return (
    <Menu
      trigger={
        <button type="button" className={`${styles.hub} ${styles[current?.environment ?? "local"]}`}>
          <b>{current?.environment ?? "unknown"}</b>
          <span>{current?.name ?? id}</span>
          <ChevronsUpDown size={12} aria-hidden="true" />
        </button>
      }
      entries={[
        { kind: "label", label: "Look at" },
        ...hubs.map((hub) => ({ label: `${hub.name}, ${hub.environment}`, onSelect: () => go(hub.id) })),
      ]}
    />
  );
}
