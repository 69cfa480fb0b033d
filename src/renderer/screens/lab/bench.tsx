import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { z } from "zod";
import type { LabView } from "../../../shared/contract/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useHubId, useScreenSearch } from "../../shell/navigation.ts";
import type { MenuEntry } from "../../ui/menu.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { BenchHead } from "./bench-head.tsx";
import { Expectations } from "./expectations.tsx";
import styles from "./lab.module.css";
import { LabMap } from "./lab-map.tsx";
import { LinksPart } from "./links.tsx";
import { Timeline } from "./timeline.tsx";
import { TrafficPart } from "./traffic.tsx";
import type { LabInUse } from "./use-lab.ts";

const LabSearch = z.object({
  link: z.string().optional().catch(undefined),
  below: z.enum(["timeline", "story"]).catch("timeline").default("timeline"),
});

/** The open lab: its map, what happens in it, and everything that can be done to it. */
export function Bench({ use, lab }: { use: LabInUse; lab: LabView }) {
  const [{ link, below }, setSearch] = useScreenSearch(LabSearch);
  const [at, setAt] = useState<string | null>(null);
  const navigate = useNavigate();
  const hubId = useHubId();
  const chosen = lab.links.some(({ id }) => id === link) ? link : undefined;
  const lookAt = (id: string): void => void navigate({ to: `/${id}/stream` });
  useActions(
    lab.hubs.map(({ key, hubId: id }, index) => ({
      id: `lab.look.${key}`,
      group: "Lab",
      label: `Look at hub ${key}`,
      ...(index < 9 ? { keys: `${index + 1}` } : {}),
      run: () => lookAt(id),
    })),
  );
  const hubMenu = (key: string): MenuEntry[] => {
    const id = lab.hubs.find((hub) => hub.key === key)?.hubId ?? "local";
    const running = lab.traffic.some((one) => one.at === key);
    const index = lab.hubs.findIndex((hub) => hub.key === key);
    return [
      {
        label: `Look at hub ${key}`,
        ...(index < 9 ? { keys: `${index + 1}` } : {}),
        disabled: id === hubId,
        onSelect: () => lookAt(id),
      },
      {
        label: `Send one event at ${key}`,
        disabled: lab.state === "running",
        onSelect: () => {
          setAt(key);
          use.take({ do: "publish", at: key, type: "com.example.order.created", count: 1, bytes: 64 });
        },
      },
      running
        ? { label: `Stop traffic at ${key}`, onSelect: () => use.stopTraffic(key) }
        : { label: `Choose ${key} for traffic`, onSelect: () => setAt(key) },
    ];
  };
  const story = [...lab.story.entries()];
  return (
    <div className={styles.bench}>
      <BenchHead use={use} lab={lab} />
      <div className={styles.body}>
        <div className={styles.main}>
          <LabMap lab={lab} link={chosen} onLink={(id) => setSearch({ link: id })} hubMenu={hubMenu} />
          <div className={styles.below}>
            <Tabs
              label="What happened"
              value={below}
              onValue={(id) => setSearch({ below: id === "story" ? "story" : "timeline" })}
              tabs={[
                { id: "timeline", label: "Timeline of all hubs", body: <Timeline lab={lab} use={use} /> },
                {
                  id: "story",
                  label: "What was done",
                  count: story.length,
                  body: (
                    <ol className={styles.story}>
                      {story.map(([index, line]) => (
                        <li key={index}>{line}</li>
                      ))}
                    </ol>
                  ),
                },
              ]}
            />
          </div>
        </div>
        <div className={styles.side}>
          <Expectations lab={lab} />
          <TrafficPart key={lab.file.name} lab={lab} use={use} at={at} onAt={setAt} />
          <LinksPart lab={lab} use={use} chosen={chosen} onChoose={(id) => setSearch({ link: id })} />
        </div>
      </div>
    </div>
  );
}
