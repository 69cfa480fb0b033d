import { Copy } from "lucide-react";
import { useState } from "react";
import { messageOf } from "../data/error-message.ts";
import { useActions } from "../shell/keyboard/use-actions.ts";
import { Button, IconButton } from "./button.tsx";
import { Menu, type MenuEntry } from "./menu.tsx";
import { toast } from "./toasts.tsx";

/**
 * Puts a text on the clipboard and says so.
 * @param what as it stands after "Copied": `the id`, `as JSON`
 */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.done(`Copied ${what}`);
  } catch (error) {
    toast.failed(`Not copied: ${what}`, messageOf(error));
  }
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <IconButton label={`Copy ${what}`} onClick={() => void copyText(text, what)}>
      <Copy />
    </IconButton>
  );
}

/** Something that can be copied: as what, and how its text is made. */
export interface Copyable {
  readonly what: string;
  readonly text: () => string;
}

export const copyEntries = (copyables: readonly Copyable[]): MenuEntry[] =>
  copyables.map(({ what, text }) => ({ label: `Copy ${what}`, onSelect: () => void copyText(text(), what) }));

export function CopyMenu({ copyables, group = "Event" }: { copyables: readonly Copyable[]; group?: string }) {
  const [open, setOpen] = useState(false);
  useActions([{ id: "copy", group, label: "Copy as…", keys: "c", run: () => setOpen(true) }]);
  return (
    <Menu
      open={open}
      onOpenChange={setOpen}
      entries={copyEntries(copyables)}
      trigger={
        <Button keys="c">
          <Copy aria-hidden="true" />
          Copy
        </Button>
      }
    />
  );
}
