import { NameConfirm } from "../ui/name-confirm.tsx";

/** What was typed for each production peer. */
export type Typed = Readonly<Record<string, string>>;

/** Whether every one of these was named as it is called. */
export const allNamed = (names: readonly string[], typed: Typed): boolean =>
  names.every((name) => typed[name] === name);

/** Asks for the name of every production peer that a replay may go to. */
export function ProductionNames({
  names,
  typed,
  onTyped,
}: {
  names: readonly string[];
  typed: Typed;
  onTyped: (typed: Typed) => void;
}) {
  return names.map((name) => (
    <NameConfirm
      key={name}
      name={name}
      value={typed[name] ?? ""}
      onValue={(value) => onTyped({ ...typed, [name]: value })}
    />
  ));
}
