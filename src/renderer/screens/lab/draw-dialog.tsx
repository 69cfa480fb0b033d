import { Plus, X } from "lucide-react";
import { useState } from "react";
import { type LabFile, LabTopology, MOST_INSTANCES, sayFileProblems } from "../../../shared/lab/index.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import styles from "./chooser.module.css";
import { Figure } from "./figure.tsx";
import { followNames, namesIn } from "./follow-names.ts";
import { newLab } from "./lab-file.ts";

interface DrawnLink {
  readonly no: number;
  readonly from: string;
  readonly to: string;
  readonly maxHops: string;
}

/** A topology by hand: names, and links one by one. What is wrong with it is said at once. */
export function DrawDialog({
  open,
  onClose,
  onStart,
}: {
  open: boolean;
  onClose: () => void;
  onStart: (file: LabFile) => void;
}) {
  const [name, setName] = useState("Drawn by hand");
  const [names, setNames] = useState("A, B, C");
  const [links, setLinks] = useState<readonly DrawnLink[]>([
    { no: 1, from: "A", to: "B", maxHops: "3" },
    { no: 2, from: "B", to: "C", maxHops: "3" },
  ]);
  const keys = namesIn(names);
  const [first = "", second = ""] = keys;
  const drawn = LabTopology.safeParse({
    instances: keys.map((key) => ({ key })),
    links: links.map(({ from, to, maxHops }) => ({ from, to, maxHops: Number(maxHops) })),
  });
  const problem = !drawn.success
    ? sayFileProblems(drawn.error)
    : name.trim() === ""
      ? "A lab has a name."
      : links.length === 0
        ? "Without a link nothing leaves a hub. Add one."
        : null;
  const rename = (text: string): void => {
    setNames(text);
    setLinks(followNames(links, keys, namesIn(text)));
  };
  const change = (no: number, part: Partial<DrawnLink>): void =>
    setLinks(links.map((link) => (link.no === no ? { ...link, ...part } : link)));
  const add = (): void => {
    const last = links.at(-1);
    const from = last?.to ?? first;
    const to = keys.find((key) => key !== from && !links.some((one) => one.from === from && one.to === key)) ?? second;
    setLinks([...links, { no: Math.max(0, ...links.map(({ no }) => no)) + 1, from, to, maxHops: "3" }]);
  };
  const start = (): void => {
    if (!drawn.success || problem !== null) return;
    onClose();
    onStart(newLab(name.trim(), drawn.data, first));
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Draw a lab"
      about={`Up to ${MOST_INSTANCES} hubs. A link leads one way: what its sender accepts is forwarded to its receiver.`}
      width={620}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={problem !== null} onClick={start}>
            Start {keys.length} hubs
          </Button>
        </>
      }
    >
      <Field label="Name">
        <Input value={name} onChange={({ target }) => setName(target.value)} />
      </Field>
      <Field label="Hubs" hint="Names, with commas between them.">
        <Input value={names} spellCheck={false} onChange={({ target }) => rename(target.value)} />
      </Field>
      <table className={styles.links}>
        <caption className="visually-hidden">Links</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Hop limit</th>
            <th scope="col">
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {links.map(({ no, from, to, maxHops }, at) => (
            <tr key={no}>
              <td>
                <Select
                  aria-label={`Link ${at + 1} from`}
                  value={from}
                  onValue={(value) => change(no, { from: value })}
                  options={optionsOf(keys, from)}
                />
              </td>
              <td>
                <Select
                  aria-label={`Link ${at + 1} to`}
                  value={to}
                  onValue={(value) => change(no, { to: value })}
                  options={optionsOf(keys, to)}
                />
              </td>
              <td>
                <Input
                  aria-label={`Link ${at + 1} hop limit`}
                  type="number"
                  min={1}
                  max={64}
                  value={maxHops}
                  onChange={({ target }) => change(no, { maxHops: target.value })}
                />
              </td>
              <td>
                <IconButton
                  label={`Remove ${from} to ${to}`}
                  onClick={() => setLinks(links.filter((link) => link.no !== no))}
                >
                  <X />
                </IconButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={styles.row}>
        <Button onClick={add}>
          <Plus aria-hidden="true" />
          Add a link
        </Button>
        {drawn.success ? <Figure topology={drawn.data} /> : null}
      </div>
      {problem === null ? null : (
        <pre role="alert" className={styles.wrong}>
          {problem}
        </pre>
      )}
    </Dialog>
  );
}

/** A link to a hub that has no name any more keeps it in sight, so that it can be mended. */
const optionsOf = (keys: readonly string[], now: string): { value: string; label: string }[] =>
  [...new Set([...keys, now])].map((key) => ({ value: key, label: key }));
