import { Link, useNavigate } from "@tanstack/react-router";
import type { LabView } from "../../../shared/contract/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useHubId } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { copyText } from "../../ui/copy.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { countOf, durationWords } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import styles from "./lab.module.css";
import { fileName, headlessCommand, rememberLab, savedLab, saveLab } from "./lab-file.ts";
import type { LabInUse } from "./use-lab.ts";

/** Which lab it is, how it stands, and what can be done to all of it. */
export function BenchHead({ use, lab }: { use: LabInUse; lab: LabView }) {
  const navigate = useNavigate();
  const looking = useHubId();
  const { file, hubs, state, error } = lab;
  const busy = state === "running";
  // What a run expects is of one run: another one begins with new hubs.
  const ran = lab.report !== null;
  const run = (): void => {
    if (busy || file.steps.length === 0) return;
    if (ran) use.open(file, true);
    else use.run();
  };
  const save = (): void => {
    saveLab(lab);
    toast.done(`Saved as ${fileName(file)}`, `Run it without a window: ${headlessCommand(file)}`);
  };
  const copy = (): void => void copyText(headlessCommand(file), "the command");
  const stop = (): void => {
    rememberLab(savedLab(lab));
    use.close();
    toast.done(`${countOf(hubs.length, "hub")} stopped`, "What was done is kept: start the lab again from here.");
    if (looking !== "local") void navigate({ to: "/local/lab" });
  };
  useActions([
    { id: "lab.run", group: "Lab", label: ran ? "Run again on new hubs" : "Take the steps and check", keys: "r", run },
    ...(ran && !busy
      ? [{ id: "lab.more", group: "Lab", label: "Take the steps once more on these hubs", run: use.run }]
      : []),
    { id: "lab.save", group: "Lab", label: "Save the lab as a file", keys: "v", run: save },
    { id: "lab.command", group: "Lab", label: "Copy the command that runs it headless", keys: "c", run: copy },
    { id: "lab.close", group: "Lab", label: `Stop ${countOf(hubs.length, "hub")}`, keys: "X", run: stop },
  ]);
  return (
    <header className={styles.head}>
      <div className={styles.about}>
        <h2 className={styles.name}>{file.name}</h2>
        <State lab={lab} />
        {looking === "local" ? null : (
          <span className={styles.faint}>
            You look at {hubs.find(({ hubId }) => hubId === looking)?.key ?? looking}.{" "}
            <Link to="/local/lab">Back to this hub</Link>
          </span>
        )}
      </div>
      <div className={styles.row}>
        <Button look="primary" keys="r" disabled={busy || file.steps.length === 0} onClick={run}>
          {ran ? "Run again on new hubs" : `Run ${countOf(file.steps.length, "step")}`}
        </Button>
        <Button keys="v" onClick={save}>
          Save as file
        </Button>
        <Button keys="c" onClick={copy}>
          Copy command
        </Button>
        <Button look="danger" keys="X" disabled={use.closing} onClick={stop}>
          Stop {countOf(hubs.length, "hub")}
        </Button>
      </div>
      {file.lesson === "" ? null : <p className={styles.lesson}>{file.lesson}</p>}
      {error === null ? null : (
        <p role="alert" className={styles.wrong}>
          <StateMark tone="fail" shape="cross">
            {error}
          </StateMark>
        </p>
      )}
    </header>
  );
}

function State({ lab: { state, startMs, hubs, published, quiet, links } }: { lab: LabView }) {
  const waiting = links.reduce((sum, link) => sum + link.waiting, 0);
  return (
    <span className={styles.state}>
      {state === "running" ? (
        <StateMark tone="busy" shape="arrow">
          Taking the steps
        </StateMark>
      ) : quiet ? (
        <StateMark tone="ok" shape="tick">
          All is quiet
        </StateMark>
      ) : (
        <StateMark tone="wait" shape="clock">
          {countOf(waiting, "copy", "copies")} under way
        </StateMark>
      )}
      <span className={styles.faint}>
        {countOf(hubs.length, "hub")} up in {durationWords(startMs ?? 0)}, {countOf(published, "event")} published
      </span>
    </span>
  );
}
