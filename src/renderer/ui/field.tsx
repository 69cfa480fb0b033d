import { Switch as Radix } from "radix-ui";
import {
  createContext,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useContext,
  useId,
} from "react";
import styles from "./field.module.css";

interface FieldParts {
  readonly id?: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: true;
}

const FieldContext = createContext<FieldParts>({});

/** A labelled control, with a hint and what is wrong. The control inside finds its label by itself. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  children: ReactNode;
}) {
  const id = useId();
  const wrong = error !== undefined && error !== null;
  const says = wrong || hint !== undefined ? { "aria-describedby": `${id}-says` } : {};
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <FieldContext value={{ id, ...says, ...(wrong ? { "aria-invalid": true } : {}) }}>{children}</FieldContext>
      {wrong ? (
        <p id={`${id}-says`} className={styles.error} role="alert">
          {error}
        </p>
      ) : hint === undefined ? null : (
        <p id={`${id}-says`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function Input({
  className = "",
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input {...useContext(FieldContext)} {...rest} className={`${styles.control} ${className}`} />;
}

export function TextArea({
  className = "",
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea {...useContext(FieldContext)} {...rest} className={`${styles.control} ${className}`} />;
}

export function Select<T extends string>({
  value,
  onValue,
  options,
  className = "",
  ...rest
}: Omit<SelectHTMLAttributes<HTMLSelectElement>, "value" | "onChange"> & {
  value: T;
  onValue: (value: T) => void;
  options: readonly { readonly value: T; readonly label: string }[];
}) {
  return (
    <select
      {...useContext(FieldContext)}
      {...rest}
      value={value}
      onChange={({ target }) => {
        const chosen = options.find((option) => option.value === target.value);
        if (chosen !== undefined) onValue(chosen.value);
      }}
      className={`${styles.control} ${className}`}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

export function Checkbox({
  label,
  checked,
  onChecked,
  disabled = false,
}: {
  label: ReactNode;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ target }) => onChecked(target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** One of a few, all of them in sight. */
export function RadioGroup<T extends string>({
  label,
  value,
  onValue,
  options,
}: {
  label: string;
  value: T;
  onValue: (value: T) => void;
  options: readonly { readonly value: T; readonly label: ReactNode }[];
}) {
  const name = useId();
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, display: "grid", gap: 4 }}>
      <legend className={styles.label} style={{ padding: 0, marginBottom: 4 }}>
        {label}
      </legend>
      {options.map((option) => (
        <label key={option.value} className={styles.check}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => onValue(option.value)} />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Takes effect at once, unlike a checkbox in a form. */
export function Switch({
  label,
  says,
  checked,
  onChecked,
  disabled = false,
}: {
  label: string;
  /** The id of what says more about it. */
  says?: string;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <Radix.Root
      className={styles.switch}
      aria-label={label}
      aria-describedby={says}
      checked={checked}
      onCheckedChange={onChecked}
      disabled={disabled}
    >
      <Radix.Thumb />
    </Radix.Root>
  );
}
