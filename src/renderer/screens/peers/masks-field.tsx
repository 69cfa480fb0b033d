import { X } from "lucide-react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { invalidMaskPath } from "../../../shared/masking/index.ts";
import { invalidScope } from "../../../shared/rules/index.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Input } from "../../ui/field.tsx";
import styles from "./peers.module.css";

type Masks = PeerView["masks"];

export const masksProblem = (masks: Masks): string | null => {
  for (const { types, path } of masks) {
    const problem = invalidScope(types) ?? invalidMaskPath(path);
    if (problem !== null) return `${types === "" ? "A rule" : types}, ${path === "" ? "no path" : path}: ${problem}`;
  }
  return null;
};

/** What of the payloads this peer does not get to see. */
export function MasksField({
  masks,
  onMasks,
  error,
}: {
  masks: Masks;
  onMasks: (masks: Masks) => void;
  error?: string | null;
}) {
  const problem = error ?? masksProblem(masks);
  const set = (at: number, change: Partial<Masks[number]>): void =>
    onMasks(masks.map((mask, index) => (index === at ? { ...mask, ...change } : mask)));
  return (
    <fieldset className={styles.fieldset}>
      <legend>Masks</legend>
      <p className={styles.second}>
        These values are replaced by [masked] before an event leaves for this peer. A path is names joined by dots; * is
        every member.
      </p>
      {masks.map((mask, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have no other identity than their place
        <div key={at} className={styles.mask}>
          <Input
            aria-label={`Types of mask ${at + 1}`}
            placeholder="stripe.*"
            spellCheck={false}
            value={mask.types}
            onChange={({ target }) => set(at, { types: target.value })}
          />
          <Input
            aria-label={`Path of mask ${at + 1}`}
            placeholder="customer.email"
            spellCheck={false}
            value={mask.path}
            onChange={({ target }) => set(at, { path: target.value })}
          />
          <IconButton label={`Remove mask ${at + 1}`} onClick={() => onMasks(masks.filter((_, index) => index !== at))}>
            <X />
          </IconButton>
        </div>
      ))}
      {problem === null ? null : (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      <div>
        <Button onClick={() => onMasks([...masks, { types: "*", path: "" }])}>Add a mask</Button>
      </div>
    </fieldset>
  );
}
