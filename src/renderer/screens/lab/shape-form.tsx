import { useState } from "react";
import { type LabTopology, labTopology, MOST_INSTANCES } from "../../../shared/lab/index.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { countOf } from "../../ui/time-words.ts";
import styles from "./chooser.module.css";
import { Figure } from "./figure.tsx";
import { newLab } from "./lab-file.ts";
import type { LabInUse } from "./use-lab.ts";

const SHAPES = [
  { value: "pair", label: "Pair", least: 2, most: 2, usual: 2 },
  { value: "chain", label: "Chain", least: 2, most: MOST_INSTANCES, usual: 4 },
  { value: "ring", label: "Ring", least: 2, most: MOST_INSTANCES, usual: 3 },
  { value: "star", label: "Star", least: 3, most: MOST_INSTANCES, usual: 5 },
  { value: "diamond", label: "Diamond", least: 4, most: MOST_INSTANCES, usual: 4 },
  { value: "mesh", label: "Mesh", least: 2, most: MOST_INSTANCES, usual: 4 },
] as const;
type Shape = (typeof SHAPES)[number]["value"];

export function ShapeForm({ use }: { use: LabInUse }) {
  const [shape, setShape] = useState<Shape>("diamond");
  const [text, setText] = useState("4");
  const { least, most, usual, label } = SHAPES.find(({ value }) => value === shape) ?? SHAPES[0];
  const count = Number(text);
  const fits = Number.isInteger(count) && count >= least && count <= most;
  const problem = fits
    ? null
    : least === most
      ? `A pair has ${least} hubs.`
      : `A ${shape} has ${least} to ${most} hubs: a dozen share one database server.`;
  const topology: LabTopology = { shape, instances: fits ? count : usual };
  const start = (): void => {
    if (fits) use.open(newLab(`${label} of ${count}`, topology, "A"));
  };
  return (
    <form
      className={styles.shape}
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Field label="Shape">
        <Select
          value={shape}
          onValue={(next) => {
            setShape(next);
            setText(String(SHAPES.find(({ value }) => value === next)?.usual ?? 4));
          }}
          options={SHAPES}
        />
      </Field>
      <Field label="Hubs">
        <Input
          className={styles.number}
          type="number"
          min={least}
          max={most}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </Field>
      <Button type="submit" look="primary" disabled={!fits || use.starting}>
        {fits ? `Start ${countOf(count, "hub")}` : "Start"}
      </Button>
      <Figure topology={topology} />
      {problem === null ? (
        <span className={styles.count}>{countOf(labTopology(topology).links.length, "link")}, limit 3 hops</span>
      ) : (
        <p role="alert" className={styles.wrong}>
          {problem}
        </p>
      )}
    </form>
  );
}
