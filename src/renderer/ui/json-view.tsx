import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { CopyButton } from "./copy.tsx";
import { Input } from "./field.tsx";
import { type JsonLine, jsonLines } from "./json-lines.ts";
import styles from "./json-view.module.css";
import { countOf } from "./time-words.ts";

const LINE = 20;

/** JSON to read: folded where wanted, searched, and as large as it is. */
export function JsonView({ text, label }: { text: string; label: string }) {
  const lines = useMemo(() => jsonLines(text), [text]);
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [search, setSearch] = useState("");
  const [current, setCurrent] = useState(0);
  const scroller = useRef<HTMLElement>(null);
  const shown = useMemo(() => visible(lines, folded), [lines, folded]);
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    if (wanted === "") return [];
    return lines.flatMap(({ key, value }, at) => (`${key ?? ""}${value}`.toLowerCase().includes(wanted) ? [at] : []));
  }, [lines, search]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const marks = useMemo(() => new Set(found), [found]);
  const step = (by: number): void => {
    if (found.length === 0) return;
    const next = (current + by + found.length) % found.length;
    setCurrent(next);
    setFolded(new Set());
    virtual.scrollToIndex(found[next] ?? 0, { align: "center" });
  };
  const toggle = (at: number): void => {
    const next = new Set(folded);
    if (!next.delete(at)) next.add(at);
    setFolded(next);
  };
  return (
    <div className={styles.view}>
      <div className={styles.tools}>
        <Input
          type="search"
          value={search}
          placeholder="Search"
          aria-label={`Search in ${label.toLowerCase()}`}
          onChange={({ target }) => {
            setSearch(target.value);
            setCurrent(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          }}
        />
        <span role="status">
          {search === ""
            ? countOf(lines.length, "line")
            : found.length === 0
              ? "Not found"
              : `${current + 1} of ${found.length}`}
        </span>
        <CopyButton text={text} what={label.toLowerCase()} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={scroller} className={styles.scroll} tabIndex={0} aria-label={label}>
        <div className={styles.sizer} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const at = shown[index] ?? 0;
            const line = lines[at];
            return line === undefined ? null : (
              <div
                key={at}
                className={styles.line}
                data-found={marks.has(at)}
                data-current={found[current] === at}
                style={{ transform: `translateY(${start}px)`, paddingLeft: line.depth * 16 + 16 }}
              >
                <Line line={line} folded={folded.has(at)} onToggle={() => toggle(at)} />
              </div>
            );
          })}
        </div>
      </section>
    </div>
  );
}

function visible(lines: readonly JsonLine[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    shown.push(at);
    if (folded.has(at)) at = lines[at]?.end ?? at;
  }
  return shown;
}

function Line({ line, folded, onToggle }: { line: JsonLine; folded: boolean; onToggle: () => void }) {
  const closing = line.value === "{" ? "}" : "]";
  return (
    <>
      {line.kind === "open" ? (
        <button
          type="button"
          className={styles.fold}
          aria-expanded={!folded}
          aria-label={`${folded ? "Unfold" : "Fold"} ${line.path}`}
          onClick={onToggle}
        >
          {folded ? "▸" : "▾"}
        </button>
      ) : null}
      {line.key === null ? null : <span className={styles.key}>{line.key}: </span>}
      <span className={styles[line.kind]}>{line.value}</span>
      {folded ? (
        <span className={styles.members}>
          {" "}
          {countOf(line.members, "member")} {closing}
        </span>
      ) : null}
      {line.comma ? "," : ""}
    </>
  );
}
