import { useRef, useState } from "react";
import { sayFault } from "../../../shared/lab/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { FAULTS, makeFault } from "./fault-words.ts";
import styles from "./lab.module.css";
import type { LabLink } from "./link-look.ts";
import type { LabInUse } from "./use-lab.ts";

/** Breaks a link in one of the ways there are, and takes that away again. */
export function LinkFault({ link, busy, use }: { link: LabLink; busy: boolean; use: LabInUse }) {
  const { id, from, to, fault, paused } = link;
  const [kind, setKind] = useState(fault?.kind ?? "down");
  const [text, setText] = useState("");
  const [times, setTimes] = useState("");
  const select = useRef<HTMLFormElement>(null);
  const number = FAULTS.find((one) => one.kind === kind)?.number;
  const value = text === "" ? (number?.usual ?? 0) : Number(text);
  const often = times === "" ? null : Number(times);
  const problem =
    number !== undefined && !(Number.isInteger(value) && value >= number.least && value <= number.most)
      ? `${number.label}: from ${number.least} to ${number.most}.`
      : often !== null && !(Number.isInteger(often) && often >= 1)
        ? "A whole number of requests; empty until it is healed."
        : null;
  const inject = (): void => {
    if (problem === null) use.take({ do: "fault", link: id, fault: makeFault(kind, value, often) });
  };
  const heal = (): void => use.take({ do: "heal", link: id });
  const pause = (): void => {
    if (!busy) use.take({ do: paused ? "resume" : "pause", link: id });
  };
  const name = `${from} → ${to}`;
  useActions([
    {
      id: "lab.fault",
      group: "Lab",
      label: `Choose a fault for ${name}`,
      keys: "f",
      run: () => select.current?.querySelector("select")?.focus(),
    },
    {
      id: "lab.break",
      group: "Lab",
      label: fault === null ? `Break ${name}` : `Heal ${name}`,
      keys: "b",
      run: fault === null ? inject : heal,
    },
    {
      id: "lab.pause",
      group: "Lab",
      label: `${paused ? "Resume" : "Pause"} ${name} at its sender`,
      keys: "p",
      run: pause,
    },
  ]);
  return (
    <form
      ref={select}
      className={styles.fault}
      aria-label={`Faults of ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        inject();
      }}
    >
      {fault === null ? null : (
        <p>
          <StateMark tone="fail" shape="cross">
            The link {sayFault(fault)}
          </StateMark>
        </p>
      )}
      <div className={styles.faultForm}>
        <Field label="Fault">
          <Select
            value={kind}
            onValue={(next) => {
              setKind(next);
              setText("");
            }}
            options={FAULTS.map((one) => ({ value: one.kind, label: one.label }))}
          />
        </Field>
        {number === undefined ? null : (
          <Field label={number.label}>
            <Input
              inputMode="numeric"
              value={text}
              placeholder={String(number.usual)}
              onChange={({ target }) => setText(target.value)}
            />
          </Field>
        )}
        <Field label="Requests">
          <Input
            inputMode="numeric"
            value={times}
            placeholder="all"
            onChange={({ target }) => setTimes(target.value)}
          />
        </Field>
      </div>
      {problem === null ? null : (
        <p role="alert" className={styles.wrong}>
          {problem}
        </p>
      )}
      <div className={styles.row}>
        <Button type="submit" look="danger" disabled={problem !== null} {...(fault === null ? { keys: "b" } : {})}>
          {fault === null ? "Inject fault" : "Inject this instead"}
        </Button>
        {fault === null ? null : (
          <Button keys="b" onClick={heal}>
            Heal link
          </Button>
        )}
        <Button
          keys="p"
          disabled={busy}
          onClick={pause}
          title="The sender itself waits: what it forwards stays in its outbox"
        >
          {paused ? "Resume sender" : "Pause sender"}
        </Button>
      </div>
    </form>
  );
}
