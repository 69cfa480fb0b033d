import type { FunctionComponent } from "react";
import { HubLink } from "../../shell/hub-link.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { About } from "./about.tsx";
import { Configuration } from "./configuration.tsx";
import { General } from "./general.tsx";
import { Keeping } from "./keeping.tsx";
import { Purge } from "./purge.tsx";
import { SETTINGS_PARTS, type SettingsPart, SettingsSearch } from "./search.ts";
import styles from "./settings.module.css";
import { Storage } from "./storage.tsx";

const PARTS: Readonly<Record<SettingsPart, { label: string; about: string; body: FunctionComponent }>> = {
  general: { label: "General", about: "Which hub this is, and how this console looks.", body: General },
  keeping: { label: "What is kept", about: "How long events stay, and how much of them.", body: Keeping },
  storage: { label: "Storage", about: "What the database holds, and how much room it takes.", body: Storage },
  purge: { label: "Purge", about: "Take payloads out of the database for good.", body: Purge },
  configuration: {
    label: "Configuration",
    about: "What is read at the start, and where each value came from.",
    body: Configuration,
  },
  about: { label: "About", about: "Versions, and where things are.", body: About },
};

/** All that can be set, and what the hub was started with. */
export function SettingsScreen() {
  const [{ part }, setSearch] = useScreenSearch(SettingsSearch);
  const { label, about, body: Body } = PARTS[part];
  useActions(
    SETTINGS_PARTS.map((each, at) => ({
      id: `settings.${each}`,
      group: "Settings",
      label: `Settings: ${PARTS[each].label}`,
      keys: String(at + 1),
      run: () => setSearch({ part: each, q: "" }),
    })),
  );
  return (
    <div className={styles.screen}>
      <nav className={styles.parts} aria-label="Parts of the settings">
        {SETTINGS_PARTS.map((each) => (
          <button
            key={each}
            type="button"
            className={styles.part}
            aria-current={each === part ? "page" : undefined}
            onClick={() => setSearch({ part: each, q: "" })}
          >
            {PARTS[each].label}
          </button>
        ))}
        <div className={styles.elsewhere}>
          <HubLink to="endpoints">Endpoints</HubLink>
          <HubLink to="keys">API keys</HubLink>
          <HubLink to="refusals">Refused requests</HubLink>
        </div>
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.body} aria-label={label} tabIndex={0}>
        <header>
          <h2 className={styles.title}>{label}</h2>
          <p className={styles.about}>{about}</p>
        </header>
        <Body />
      </section>
    </div>
  );
}
