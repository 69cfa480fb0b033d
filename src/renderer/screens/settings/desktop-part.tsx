import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { DesktopSettingsChange } from "../../../shared/desktop/settings.ts";
import { desktop } from "../../data/desktop.ts";
import { messageOf } from "../../data/error-message.ts";
import { toast } from "../../ui/toasts.tsx";
import { Section, SwitchSetting } from "./section.tsx";
import styles from "./settings.module.css";

const KEY = ["desktop settings"];

/** What only the app can do on this machine. */
export function DesktopPart() {
  const bridge = desktop();
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: () => bridge?.settings() ?? Promise.reject(new Error("This is no app.")),
    enabled: bridge !== null,
  });
  useEffect(() => bridge?.onSettings((now) => queries.setQueryData(KEY, now)), [bridge, queries]);
  const update = useMutation({
    mutationFn: (change: DesktopSettingsChange) =>
      bridge?.updateSettings(change) ?? Promise.reject(new Error("This is no app.")),
    onSuccess: (now) => queries.setQueryData(KEY, now),
    onError: (error) => toast.failed("Not changed", messageOf(error)),
  });
  return (
    <Section title="Notifications">
      {bridge === null ? (
        <p className={styles.note}>
          Notices of dead letters, failing peers and loops come from the Kite Desktop app. This is its console in a
          browser.
        </p>
      ) : data === undefined ? null : (
        <>
          <SwitchSetting
            label="Notices of the system"
            hint="A dead letter, a failing peer, a loop; at most two a minute."
            checked={data.notifications}
            onChecked={(notifications) => update.mutate({ notifications })}
          />
          <SwitchSetting
            label="Keep the key of stored secrets in the keychain"
            hint={data.keychainSays}
            checked={data.keychain}
            disabled={data.keychainState === "unavailable" || data.keychainState === "weak"}
            onChecked={(keychain) => update.mutate({ keychain })}
          />
        </>
      )}
    </Section>
  );
}
