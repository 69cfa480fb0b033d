import { Field, Input } from "./field.tsx";

/** Asks for a production peer's name before anything goes there. */
export function NameConfirm({
  name,
  value,
  onValue,
}: {
  name: string;
  value: string;
  onValue: (value: string) => void;
}) {
  return (
    <Field label={`Type ${name} to send to production`} hint="Real users may be affected by what arrives there.">
      <Input value={value} autoComplete="off" spellCheck={false} onChange={({ target }) => onValue(target.value)} />
    </Field>
  );
}
