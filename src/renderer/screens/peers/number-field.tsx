import { useState } from "react";
import { Field, Input } from "../../ui/field.tsx";

/** A whole number; what is typed stays as it is typed until it is one. */
export function NumberField({
  label,
  value,
  onValue,
  hint,
  error,
}: {
  label: string;
  value: number;
  onValue: (value: number) => void;
  hint?: string;
  error?: string | null;
}) {
  const [text, setText] = useState(String(value));
  const typed = Number(text);
  const whole = text.trim() !== "" && Number.isSafeInteger(typed) && typed >= 0;
  if (whole && typed !== value) setText(String(value));
  return (
    <Field
      label={label}
      {...(hint === undefined ? {} : { hint })}
      error={error ?? (whole ? null : "must be a whole number")}
    >
      <Input
        inputMode="numeric"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          const next = Number(target.value);
          if (target.value.trim() !== "" && Number.isSafeInteger(next) && next >= 0) onValue(next);
        }}
        onBlur={() => setText(String(value))}
      />
    </Field>
  );
}
