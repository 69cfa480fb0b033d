import { useState } from "react";
import type { Change, Finding } from "../../../shared/debugger/index.ts";
import { ApplyDialog } from "../../map/changes.tsx";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { EmptyState, Skeleton } from "../../ui/state.tsx";
import styles from "./topology.module.css";

const NOTHING: ReadonlySet<string> = new Set();
const ORDER = ["error", "warning", "info"] as const;
const LOOKS: Readonly<Record<Finding["severity"], readonly [Tone, Shape, string]>> = {
  error: ["fail", "cross", "Error"],
  warning: ["wait", "warning", "Warning"],
  info: ["idle", "ring", "Good to know"],
};

/** What is worth knowing of the map before an event has to find out; the worst first. */
export function Findings({
  findings,
  onPoint,
}: {
  findings: readonly Finding[] | null;
  onPoint: (links: ReadonlySet<string>) => void;
}) {
  const go = useGo();
  const [changes, setChanges] = useState<readonly Change[] | null>(null);
  if (findings === null) return <Skeleton lines={5} />;
  if (findings.length === 0)
    return <EmptyState title="Nothing to find fault with">As far as this map is known, all is well.</EmptyState>;
  const sorted = [...findings].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <ul className={styles.findings} aria-label="Findings">
      {sorted.map((finding) => {
        const [tone, shape, word] = LOOKS[finding.severity];
        const point = (): void => onPoint(new Set(finding.links));
        const leave = (): void => onPoint(NOTHING);
        return (
          <li
            key={finding.id}
            data-rule={finding.rule}
            onMouseEnter={point}
            onMouseLeave={leave}
            onFocus={point}
            onBlur={leave}
          >
            <StateMark tone={tone} shape={shape}>
              {word}
            </StateMark>
            <p>{finding.sentence}</p>
            {finding.fix === null ? null : (
              <div className={styles.fix}>
                <p>{finding.fix.sentence}</p>
                <div className={styles.actions}>
                  <Button onClick={() => setChanges(finding.fix?.changes ?? null)}>Preview the fix</Button>
                  <Button
                    look="quiet"
                    onClick={() => go("explain", { tab: "what-if", changes: JSON.stringify(finding.fix?.changes) })}
                  >
                    Try it out
                  </Button>
                </div>
              </div>
            )}
          </li>
        );
      })}
      <ApplyDialog changes={changes} onClose={() => setChanges(null)} />
    </ul>
  );
}
