import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useEffect,
  useId,
  useRef,
} from "react";
import { useActions } from "../shell/keyboard/use-actions.ts";
import styles from "./data-list.module.css";

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  /** A track of CSS grid, such as `90px` or `minmax(0, 1fr)`. */
  readonly width: string;
  readonly align?: "end";
  readonly cell: (item: T) => ReactNode;
}

export interface DataListProps<T> {
  /** What the list is of, for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  count: number;
  /** The item at an index from the top; asked only for rows in sight. Undefined: not here any more. */
  itemAt: (index: number) => T | undefined;
  keyOf: (item: T) => string;
  /** The row the keys act on; null for none. */
  active: number | null;
  onActive: (index: number) => void;
  onOpen?: (index: number) => void;
  isSelected?: (item: T) => boolean;
  /** Both ends included; one row when they are the same. */
  onSelect?: (from: number, to: number) => void;
  /** A row that is not made of cells, such as a gap; undefined for an ordinary row. */
  wide?: (item: T) => ReactNode | undefined;
  /** Called when the person scrolls or moves, so that a tail can stand still. */
  onMove?: () => void;
  onScrolledToTop?: () => void;
  /** Told which rows exist now, those just out of sight included, both ends included. */
  onRange?: (from: number, to: number) => void;
  onContextMenu?: (event: MouseEvent, item: T, index: number) => void;
  rowHeight?: number;
  /** What stands after the last row. */
  foot?: ReactNode;
  /** True for the list of the screen: j, k, Enter and x act on it wherever the focus is. */
  primary?: boolean;
}

/** A list of rows in columns that holds a million of them: only those in sight exist. */
export function DataList<T>(props: DataListProps<T>) {
  const { label, columns, count, itemAt, keyOf, active, rowHeight = 28, primary = false } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<number | null>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });

  const go = (to: number, extend = false): void => {
    if (count === 0) return;
    const index = Math.max(0, Math.min(count - 1, to));
    if (extend) {
      anchor.current ??= active ?? index;
      props.onSelect?.(Math.min(anchor.current, index), Math.max(anchor.current, index));
    } else anchor.current = null;
    props.onActive(index);
    virtual.scrollToIndex(index);
  };
  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / rowHeight) - 1);
  const move = (by: number, extend = false): void => go(active === null ? 0 : active + by, extend);
  const open = (): void => {
    if (active !== null) props.onOpen?.(active);
  };
  const select = (): void => {
    if (active !== null) props.onSelect?.(active, active);
  };

  useActions(
    primary
      ? [
          { id: "list.next", group: "List", label: "Next row", keys: "j", palette: false, run: () => move(1) },
          { id: "list.previous", group: "List", label: "Previous row", keys: "k", palette: false, run: () => move(-1) },
          { id: "list.open", group: "List", label: "Open row", keys: "Enter", palette: false, run: open },
          ...(props.onSelect === undefined
            ? []
            : [{ id: "list.select", group: "List", label: "Select row", keys: "x", palette: false, run: select }]),
        ]
      : [],
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return;
    const by: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(1, event.shiftKey),
      ArrowUp: () => move(-1, event.shiftKey),
      J: () => move(1, true),
      K: () => move(-1, true),
      PageDown: () => move(page(), event.shiftKey),
      PageUp: () => move(-page(), event.shiftKey),
      Home: () => go(0, event.shiftKey),
      End: () => go(count - 1, event.shiftKey),
      ...(primary ? {} : { j: () => move(1), k: () => move(-1), Enter: open, x: select }),
    };
    const run = by[event.key];
    if (run === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  const click = (event: MouseEvent, index: number): void => {
    if (event.shiftKey) {
      go(index, true);
      return;
    }
    anchor.current = null;
    props.onActive(index);
    if (event.ctrlKey || event.metaKey) props.onSelect?.(index, index);
  };

  const inSight = virtual.getVirtualItems();
  const [from, to] = [inSight[0]?.index ?? 0, inSight.at(-1)?.index ?? 0];
  const { onRange } = props;
  useEffect(() => onRange?.(from, to), [onRange, from, to]);

  useEffect(() => {
    if (primary) scroller.current?.focus({ preventScroll: true });
  }, [primary]);

  return (
    <div className={styles.list} style={{ "--columns": columns.map(({ width }) => width).join(" ") } as CSSProperties}>
      <div className={styles.head} aria-hidden="true">
        {columns.map((column) => (
          <span key={column.id} className={`${styles.cell} ${column.align === "end" ? styles.end : ""}`}>
            {column.header}
          </span>
        ))}
      </div>
      <div
        ref={scroller}
        className={styles.scroll}
        role="grid"
        aria-label={label}
        aria-rowcount={count}
        aria-multiselectable={props.onSelect !== undefined}
        aria-activedescendant={active === null ? undefined : `${id}-${active}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onWheel={({ deltaY }) => (deltaY > 0 ? props.onMove?.() : undefined)}
        onScroll={({ currentTarget }) => {
          if (currentTarget.scrollTop === 0) props.onScrolledToTop?.();
          else if (currentTarget.scrollTop > rowHeight) props.onMove?.();
        }}
      >
        <div className={styles.sizer} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {inSight.map(({ index, start }) => {
            const item = itemAt(index);
            if (item === undefined) return null;
            return (
              <div
                key={keyOf(item)}
                id={`${id}-${index}`}
                className={styles.row}
                role="row"
                aria-rowindex={index + 1}
                aria-selected={props.isSelected?.(item) ?? false}
                data-active={index === active}
                data-key={keyOf(item)}
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                onClick={(event) => click(event, index)}
                onDoubleClick={() => props.onOpen?.(index)}
                onContextMenu={(event) => props.onContextMenu?.(event, item, index)}
              >
                <Cells item={item} columns={columns} wide={props.wide as Wide} />
              </div>
            );
          })}
        </div>
        {props.foot}
      </div>
    </div>
  );
}

/** What does not fit stands in the tooltip, unless something in the cell says more by itself. */
function sayWhatIsCut({ currentTarget: cell }: MouseEvent<HTMLElement>): void {
  if (cell.scrollWidth > cell.clientWidth) cell.title = cell.innerText;
  else cell.removeAttribute("title");
}

type Wide = ((item: unknown) => ReactNode | undefined) | undefined;

/** A row is drawn anew only when its item is another. */
const Cells = memo(function Cells({
  item,
  columns,
  wide,
}: {
  item: unknown;
  columns: readonly { id: string; align?: "end"; cell: (item: never) => ReactNode }[];
  wide: Wide;
}) {
  const all = wide?.(item);
  if (all !== undefined)
    return (
      <div className={`${styles.cell} ${styles.wide}`} role="gridcell">
        {all}
      </div>
    );
  return columns.map((column) => (
    <div
      key={column.id}
      role="gridcell"
      data-column={column.id}
      className={`${styles.cell} ${column.align === "end" ? styles.end : ""}`}
      onMouseEnter={sayWhatIsCut}
    >
      {column.cell(item as never)}
    </div>
  ));
});
