import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { DesktopSettingsChange } from "../../../shared/desktop/settings.ts";
import { desktop } from "../../data/desktop.ts";
import { messageOf } from "../../data/error-message.ts";
import { Switch } from "../../ui/field.tsx";
import { toast } from "../../ui/toasts.tsx";
import { Section, Setting } from "./section.tsx";
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
          <Setting label="Notices of the system" hint="A dead letter, a failing peer, a loop; at most one a minute.">
            <Switch
              label="Notices of the system"
              checked={data.notifications}
              onChecked={(notifications) => update.mutate({ notifications })}
            />
          </Setting>
          <Setting label="Keep the key of stored secrets in the keychain" hint={data.keychainSays}>
            <Switch
              label="Keep the key of stored secrets in the keychain"
              checked={data.keychain}
              disabled={data.keychainState === "unavailable" || data.keychainState === "weak"}
              onChecked={(keychain) => update.mutate({ keychain })}
            />
          </Setting>
        </>
      )}
    </Section>
  );
}
