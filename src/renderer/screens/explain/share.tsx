import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { type Explanation, explanationAsMarkdown, type TopologyMap } from "../../../shared/debugger/index.ts";
import { reproduce } from "../../../shared/lab/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { CopyMenu } from "../../ui/copy.tsx";
import { toast } from "../../ui/toasts.tsx";
import { useLab } from "../lab/use-lab.ts";
import styles from "./explain.module.css";

/** Takes an explanation elsewhere: into an issue as text, or into a lab of real hubs that proves it. */
export function Share({ map, explanation }: { map: TopologyMap; explanation: Explanation }) {
  const use = useLab();
  const navigate = useNavigate();
  const made = useMemo(() => reproduce(map, explanation), [map, explanation]);
  const replaces = use.lab.data?.file.name;
  const start = (): void => {
    if (made.ok) {
      use.open(made.file, true);
      void navigate({ to: "/local/lab" });
    } else toast.failed("No lab can be made of this", made.problem);
  };
  useActions([
    { id: "explain.reproduce", group: "Explain", label: "Reproduce this in the lab", keys: "l", run: start },
  ]);
  return (
    <div className={styles.share}>
      <Button
        keys="l"
        disabled={use.starting}
        onClick={start}
        title={
          replaces === undefined
            ? "Real hubs on this machine, linked as on this map; the event is published, and the prediction checked"
            : `Stops the lab that is open: ${replaces}`
        }
      >
        Reproduce in the lab
      </Button>
      <CopyMenu
        group="Explain"
        copyables={[
          { what: "as Markdown", text: () => explanationAsMarkdown(map, explanation) },
          ...(made.ok ? [{ what: "as a lab file", text: () => `${JSON.stringify(made.file, null, 2)}\n` }] : []),
        ]}
      />
    </div>
  );
}
