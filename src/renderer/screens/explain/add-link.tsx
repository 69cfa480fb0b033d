import { useState } from "react";
import type { Change, TopologyMap } from "../../../shared/debugger/index.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import styles from "./explain.module.css";

/** Adds a link between two instances of the map. */
export function AddLink({ map, onChange }: { map: TopologyMap; onChange: (change: Change) => void }) {
  const [from, setFrom] = useState(map.self ?? "");
  const [to, setTo] = useState("");
  const [hops, setHops] = useState("3");
  const maxHops = Number(hops);
  const fits = from !== "" && to !== "" && from !== to && Number.isInteger(maxHops) && maxHops >= 1 && maxHops <= 64;
  const options = map.instances.map(({ key, name }) => ({ value: key, label: name }));
  const add = (): void => {
    if (fits) onChange({ kind: "add", from, to, scopes: ["*"], maxHops });
  };
  return (
    <section aria-label="Add a link">
      <h2 className={styles.subheading}>Add a link</h2>
      <form
        className={styles.adder}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <Field label="From">
          <Select value={from} onValue={setFrom} options={options} />
        </Field>
        <Field label="To">
          <Select value={to} onValue={setTo} options={[{ value: "", label: "Choose" }, ...options]} />
        </Field>
        <Field label="Hop limit">
          <Input inputMode="numeric" value={hops} onChange={({ target }) => setHops(target.value)} />
        </Field>
        <Button type="submit" disabled={!fits}>
          Try it
        </Button>
      </form>
    </section>
  );
}
