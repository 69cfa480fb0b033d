import { ContextMenu as Context, DropdownMenu as Dropdown } from "radix-ui";
import { Fragment, type ReactNode } from "react";
import { KeyHint } from "./key-hint.tsx";
import styles from "./menu.module.css";

/** An entry of a menu. The same list serves a button's menu and a right click. */
export type MenuEntry =
  | { readonly kind: "line" }
  | { readonly kind: "label"; readonly label: string }
  | {
      readonly kind?: "item";
      readonly label: string;
      readonly keys?: string;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      readonly onSelect: () => void;
    };

type Parts = Pick<typeof Dropdown, "Item" | "Separator" | "Label">;

function Entries({ entries, parts: { Item, Separator, Label } }: { entries: readonly MenuEntry[]; parts: Parts }) {
  return entries.map((entry, at) => {
    // A menu's entries do not move while it is open.
    const key = `${at}`;
    if (entry.kind === "line") return <Separator key={key} className={styles.line} />;
    if (entry.kind === "label")
      return (
        <Label key={key} className={styles.label}>
          {entry.label}
        </Label>
      );
    return (
      <Item
        key={key}
        className={`${styles.item} ${entry.danger === true ? styles.danger : ""}`}
        disabled={entry.disabled === true}
        onSelect={entry.onSelect}
      >
        <span>{entry.label}</span>
        {entry.keys === undefined ? <Fragment /> : <KeyHint keys={entry.keys} />}
      </Item>
    );
  });
}

/** A button's menu. The trigger must be one element that takes a ref. */
export function Menu({
  trigger,
  entries,
  open,
  onOpenChange,
}: {
  trigger: ReactNode;
  entries: readonly MenuEntry[];
  /** Only where something else than the button opens it too. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}) {
  return (
    <Dropdown.Root
      modal={false}
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <Dropdown.Trigger asChild>{trigger}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content className={styles.menu} align="start" sideOffset={4} collisionPadding={8}>
          <Entries entries={entries} parts={Dropdown} />
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

/** The menu of a right click inside; `entries` is asked when it opens. */
export function ContextMenu({
  entries,
  onOpenChange,
  children,
}: {
  entries: readonly MenuEntry[];
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Context.Root modal={false} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <Context.Content className={styles.menu} collisionPadding={8}>
          <Entries entries={entries} parts={Context} />
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}
