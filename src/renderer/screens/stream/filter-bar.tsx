import { Search, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import {
  complete,
  type FieldName,
  type Filter,
  needsPayload,
  negateItem,
  parseFilter,
  printFilter,
  printItem,
  removeItem,
} from "../../../shared/filter/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import styles from "./filter-bar.module.css";

export interface FilterBarProps {
  /** The filter that is in force. */
  text: string;
  onText: (text: string) => void;
  valuesOf: (field: FieldName) => readonly string[];
}

/** How long after the last letter a filter is applied, in milliseconds: the database is not asked of every letter. */
const PAUSE = 30;
const PAUSE_BEFORE_SEARCH = 200;

/** One line of text with chips as what was understood of it. A text that is wrong says so and changes nothing yet. */
export function FilterBar({ text, onText, valuesOf }: FilterBarProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(text);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const parsed = parseFilter(draft);
  const error = parsed.ok ? undefined : parsed.errors[0];
  const typed = useRef(text);

  useActions([
    { id: "filter", group: "Stream", label: "Filter", keys: "/", run: () => input.current?.focus() },
    { id: "filter.clear", group: "Stream", label: "Clear the filter", run: () => onText("") },
  ]);

  useEffect(() => {
    if (text === typed.current) return;
    typed.current = text;
    setDraft(text);
  }, [text]);

  const completions = complete(draft, caret, valuesOf);
  const options = open ? completions.options : [];
  // The beginning of a field's name is not yet a text to search for; Enter makes it one.
  const unfinished = options.some(({ kind }) => kind === "field") && completions.span.from < completions.span.to;

  useEffect(() => {
    const read = parseFilter(draft);
    if (draft === typed.current || unfinished || !read.ok) return;
    const pause = read.filter.items.some(needsPayload) ? PAUSE_BEFORE_SEARCH : PAUSE;
    const timer = setTimeout(() => {
      typed.current = draft;
      onText(draft);
    }, pause);
    return () => clearTimeout(timer);
  }, [draft, unfinished, onText]);

  const apply = (filter: Filter): void => {
    const next = printFilter(filter);
    typed.current = next;
    setDraft(next);
    onText(next);
  };
  const accept = (at: number): void => {
    const option = options[at];
    if (option === undefined) return;
    const { from, to } = completions.span;
    const gap = option.kind === "value" && draft.slice(to).trim() === "" ? " " : "";
    const next = `${draft.slice(0, from)}${option.insert}${gap}${draft.slice(to)}`;
    const place = from + option.insert.length + gap.length;
    setDraft(next);
    setCaret(place);
    setChosen(null);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const keys: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowDown: () => {
        setOpen(true);
        setChosen((now) => Math.min(options.length - 1, (now ?? -1) + 1));
      },
      ArrowUp: () => setChosen((now) => (now === null || now === 0 ? null : now - 1)),
      Tab: options.length > 0 && draft !== "" && open ? () => accept(chosen ?? 0) : undefined,
      Enter: () => {
        if (chosen !== null) accept(chosen);
        else if (parsed.ok) {
          typed.current = draft;
          onText(draft);
          setOpen(false);
        }
      },
      Escape: () => {
        if (open && options.length > 0) setOpen(false);
        else {
          input.current?.blur();
          document.querySelector<HTMLElement>("[role='grid']")?.focus();
        }
      },
    };
    const run = event.shiftKey ? undefined : keys[event.key];
    if (run === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  return (
    <div className={styles.bar} role="search">
      <div className={styles.box} data-wrong={error !== undefined}>
        <Search className={styles.icon} aria-hidden="true" />
        <div className={styles.text}>
          <div ref={mirror} className={styles.mirror} aria-hidden="true">
            {error === undefined ? (
              draft
            ) : (
              <>
                {draft.slice(0, error.span.from)}
                <mark>{draft.slice(error.span.from, error.span.to) || " "}</mark>
                {draft.slice(error.span.to)}
              </>
            )}
          </div>
          <input
            ref={input}
            className={styles.input}
            value={draft}
            placeholder="Filter: type:stripe.* peer:staging outcome:dropped hops:>=2 data.amount:>100"
            aria-label="Filter"
            role="combobox"
            aria-expanded={options.length > 0}
            aria-controls={`${id}-options`}
            aria-autocomplete="list"
            aria-activedescendant={chosen === null ? undefined : `${id}-${chosen}`}
            aria-invalid={error !== undefined}
            aria-describedby={error === undefined ? undefined : `${id}-error`}
            spellCheck={false}
            autoComplete="off"
            onChange={({ target }) => {
              setDraft(target.value);
              setCaret(target.selectionStart ?? target.value.length);
              setOpen(true);
              setChosen(null);
            }}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
            onScroll={({ currentTarget }) => mirror.current?.scrollTo(currentTarget.scrollLeft, 0)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
        </div>
        {draft === "" ? null : (
          <IconButton label="Clear the filter" onClick={() => apply({ items: [] })}>
            <X />
          </IconButton>
        )}
      </div>
      <div
        id={`${id}-options`}
        role="listbox"
        aria-label="Completions"
        className={styles.options}
        hidden={options.length === 0}
      >
        {options.map((option, at) => (
          <div
            key={option.insert}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === chosen}
            className={styles.option}
            onPointerDown={(event) => {
              event.preventDefault();
              accept(at);
            }}
          >
            <code>{option.label}</code>
            <span>{option.detail}</span>
          </div>
        ))}
      </div>
      {error === undefined ? (
        <Chips filter={parsed.filter} onFilter={apply} />
      ) : (
        <div id={`${id}-error`} className={styles.says} role="alert">
          <StateMark tone="fail" shape="cross">
            Not applied
          </StateMark>
          <p>
            {sentence(error.message)} {error.mend}
          </p>
          {error.fix === null ? null : (
            <Button
              onClick={() => {
                setDraft(`${draft.slice(0, error.span.from)}${error.fix}${draft.slice(error.span.to)}`);
                input.current?.focus();
              }}
            >
              {error.fix === "" ? "Remove it" : `Use ${error.fix}`}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function Chips({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  if (filter.items.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label="Conditions">
      {filter.items.map((item, at) => {
        const words = printItem(item);
        return (
          <li key={`${words} ${item.span?.from}`} className={styles.chip} data-negated={item.negated}>
            <button
              type="button"
              title={item.negated ? "Excluded. Click to include." : "Included. Click to exclude."}
              onClick={() => onFilter(negateItem(filter, at))}
            >
              {words}
            </button>
            <button type="button" aria-label={`Remove ${words}`} onClick={() => onFilter(removeItem(filter, at))}>
              <X size={11} aria-hidden="true" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
