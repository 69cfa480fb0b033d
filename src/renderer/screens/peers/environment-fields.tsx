import type { PeerView } from "../../../shared/contract/index.ts";
import { Checkbox, Field, Input, Select } from "../../ui/field.tsx";
import styles from "./peers.module.css";

const ENVIRONMENTS = [
  { value: "production", label: "Production: real users" },
  { value: "staging", label: "Staging" },
  { value: "other", label: "Other: a laptop, a lab" },
] as const;

export function EnvironmentField({
  value,
  onValue,
  error,
}: {
  value: PeerView["environment"];
  onValue: (value: PeerView["environment"]) => void;
  error?: string | null;
}) {
  return (
    <Field label="Environment" error={error} hint="Production peers receive nothing unless you say so by name.">
      <Select value={value} onValue={onValue} options={ENVIRONMENTS} />
    </Field>
  );
}

/** How the environment is called and marked wherever the peer is named. */
export function LabelFields({
  label,
  colour,
  onLabel,
  onColour,
  errors,
}: {
  label: string;
  colour: string;
  onLabel: (label: string) => void;
  onColour: (colour: string) => void;
  errors: { label?: string | null; colour?: string | null };
}) {
  return (
    <div className={styles.columns}>
      <Field label="Called" hint="Such as EU production. Empty: as the environment." error={errors.label}>
        <Input value={label} maxLength={64} onChange={({ target }) => onLabel(target.value)} />
      </Field>
      <Field label="Colour" hint="Such as #cc0000. Empty: as the environment." error={errors.colour}>
        <Input value={colour} spellCheck={false} onChange={({ target }) => onColour(target.value)} />
      </Field>
    </div>
  );
}

/** The switch for addresses of one's own network, in plain words. */
export function PrivateAddress({ checked, onChecked }: { checked: boolean; onChecked: (checked: boolean) => void }) {
  return (
    <Checkbox
      checked={checked}
      onChecked={onChecked}
      label={
        <>
          May be at an address of my own network
          <span className={styles.note}>
            Without it, only public addresses and this machine are connected to: a peer's URL cannot make this hub call
            your router or your other services.
          </span>
        </>
      }
    />
  );
}
