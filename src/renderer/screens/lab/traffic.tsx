import { useState } from "react";
import type { LabView } from "../../../shared/contract/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { StateMark } from "../../ui/mark.tsx";
import styles from "./lab.module.css";
import type { LabInUse } from "./use-lab.ts";

const TYPES = ["com.example.order.created", "com.github.push", "com.stripe.invoice.paid"];
const MESSAGE = "com.kite.agent.message";

/** Events at a hub: one, or so many each second until they are stopped. */
export function TrafficPart({
  lab,
  use,
  at: chosen,
  onAt,
}: {
  lab: LabView;
  use: LabInUse;
  /** The hub that was chosen; null for the one where the lab's own events begin. */
  at: string | null;
  onAt: (key: string) => void;
}) {
  const [first] = lab.hubs;
  const published = lab.file.steps.find((step) => step.do === "publish");
  const [type, setType] = useState(published?.type ?? TYPES[0] ?? "");
  const [rate, setRate] = useState("5");
  const at = chosen ?? published?.at ?? first?.key ?? "";
  const perSecond = Number(rate);
  const problem = !(perSecond >= 0.1 && perSecond <= 500)
    ? "From 0.1 to 500 each second."
    : type.trim() === ""
      ? "An event has a type."
      : null;
  const running = lab.traffic.some((one) => one.at === at);
  const busy = lab.state === "running";
  const sendOne = (): void => {
    if (busy || type.trim() === "") return;
    use.take(
      type === MESSAGE
        ? { do: "message", at, from: "lab", to: "anybody", body: "Hello from the lab.", count: 1 }
        : { do: "publish", at, type, count: 1, bytes: 64 },
    );
  };
  const toggle = (): void => {
    if (running) use.stopTraffic(at);
    else if (problem === null && !busy) use.startTraffic({ at, type, perSecond });
  };
  useActions([
    { id: "lab.send", group: "Lab", label: `Send one event at ${at}`, keys: "s", run: sendOne },
    {
      id: "lab.traffic",
      group: "Lab",
      label: `${running ? "Stop" : "Start"} traffic at ${at}`,
      keys: "t",
      run: toggle,
    },
  ]);
  return (
    <section className={styles.part} aria-labelledby="lab-traffic">
      <header className={styles.partHead}>
        <h2 id="lab-traffic">Traffic</h2>
        {lab.traffic.length === 0 ? (
          <span className={styles.faint}>None</span>
        ) : (
          <StateMark tone="busy" shape="arrow">
            {lab.traffic.map((one) => `${one.perSecond}/s at ${one.at}`).join(", ")}
          </StateMark>
        )}
      </header>
      <div className={styles.trafficForm}>
        <Field label="At">
          <Select value={at} onValue={onAt} options={lab.hubs.map(({ key }) => ({ value: key, label: key }))} />
        </Field>
        <Field label="Type">
          <Input list="lab-types" spellCheck={false} value={type} onChange={({ target }) => setType(target.value)} />
        </Field>
        <Field label="Each second" error={problem}>
          <Input inputMode="decimal" value={rate} onChange={({ target }) => setRate(target.value)} />
        </Field>
        <datalist id="lab-types">
          {[...TYPES, MESSAGE].map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </div>
      <div className={styles.row}>
        <Button keys="t" disabled={!running && (problem !== null || busy)} onClick={toggle}>
          {running ? `Stop traffic at ${at}` : "Start traffic"}
        </Button>
        <Button keys="s" disabled={busy} onClick={sendOne}>
          Send one event
        </Button>
      </div>
    </section>
  );
}
