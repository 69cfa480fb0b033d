import { useQuery } from "@tanstack/react-query";
import { useHub } from "../../data/hub.tsx";
import { setTheme, THEMES, useTheme } from "../../shell/theme.ts";
import { Facts } from "../../ui/detail.tsx";
import { RadioGroup } from "../../ui/field.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { DesktopPart } from "./desktop-part.tsx";
import { Section } from "./section.tsx";
import styles from "./settings.module.css";

const LABELS = { system: "As the system has it", dark: "Dark", light: "Light" };

/** Which hub this is, and what this console does on this machine. */
export function General() {
  const { query } = useHub();
  const theme = useTheme();
  const about = useQuery(query.hub.about.queryOptions());
  return (
    <>
      <Section title="Instance and team">
        {about.data === undefined ? (
          about.error === null ? (
            <Skeleton lines={3} />
          ) : (
            <ErrorState title="The hub says nothing of itself" error={about.error} />
          )
        ) : (
          <Facts
            facts={[
              ["Instance", <code key="instance">{about.data.instanceId}</code>],
              ["Team", <code key="team">{about.data.team}</code>],
              ["Teams here", about.data.teams.length > 1 ? about.data.teams.join(", ") : null],
              ["URL", about.data.url],
            ]}
          />
        )}
        <p className={styles.note}>
          The instance id is this hub's name in the chains of events. Other hubs know this one by it. It is set at the
          start, with <code>--instance-id</code>.
        </p>
      </Section>
      <Section title="Appearance">
        <RadioGroup
          label="Theme"
          value={theme}
          onValue={setTheme}
          options={THEMES.map((value) => ({ value, label: LABELS[value] }))}
        />
      </Section>
      <DesktopPart />
    </>
  );
}
