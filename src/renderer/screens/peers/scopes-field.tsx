import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { compileScopes, invalidScope, isInternalType } from "../../../shared/rules/index.ts";
import { useHub } from "../../data/hub.tsx";
import { Field, TextArea } from "../../ui/field.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { countWords } from "../../ui/time-words.ts";
import styles from "./peers.module.css";

const MOST_TYPES = 12;
const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** What is wrong with the first scope that is no glob; null when all are. */
export function scopesProblem(scopes: readonly string[]): string | null {
  for (const scope of scopes) {
    const problem = invalidScope(scope);
    if (problem !== null) return `${scope}: ${problem}`;
  }
  return null;
}

/** Globs on the event type, one a line, and which of the recent types they let through. */
export function ScopesField({
  scopes,
  onScopes,
  label = "Scopes",
  error,
}: {
  scopes: readonly string[];
  onScopes: (scopes: string[]) => void;
  label?: string;
  error?: string | null;
}) {
  const [text, setText] = useState(scopes.join("\n"));
  if (linesOf(text).join("\n") !== scopes.join("\n")) setText(scopes.join("\n"));
  const problem = error ?? scopesProblem(scopes);
  return (
    <div className={styles.group}>
      <Field
        label={label}
        error={problem}
        hint="Globs on the event type, one a line. * stands for anything, dots included. None: nothing is sent."
      >
        <TextArea
          rows={Math.max(2, Math.min(8, text.split("\n").length))}
          spellCheck={false}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            onScopes(linesOf(target.value));
          }}
        />
      </Field>
      {problem === null ? <Preview scopes={scopes} /> : null}
    </div>
  );
}

function Preview({ scopes }: { scopes: readonly string[] }) {
  const { client } = useHub();
  const types = useQuery({
    queryKey: ["recent types"],
    queryFn: async ({ signal }) => {
      let found: { value: string; count: number }[] = [];
      for await (const { fields } of await client.events.facets({ filter: "", fields: ["type"] }, { signal }))
        found = fields.type ?? found;
      return found;
    },
  });
  // Internal events stay here, whatever the scopes.
  const all = (types.data ?? []).filter(({ value }) => !isInternalType(value));
  if (all.length === 0) return null;
  const matches = compileScopes(scopes);
  const through = all.filter(({ value }) => matches(value));
  return (
    <section className={styles.preview} aria-label="Recent types and these scopes">
      <p className={styles.second}>
        {countWords(through.length)} of {countWords(all.length)} types seen here get through:
      </p>
      <ul>
        {all.slice(0, MOST_TYPES).map(({ value, count }) => (
          <li key={value}>
            {matches(value) ? (
              <StateMark tone="ok" shape="tick">
                {value}
              </StateMark>
            ) : (
              <StateMark tone="idle" shape="barred">
                {value}
                <span className="visually-hidden"> is kept back</span>
              </StateMark>
            )}
            <span>{countWords(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
