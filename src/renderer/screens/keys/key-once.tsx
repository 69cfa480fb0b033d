import type { ConsoleClient } from "../../../shared/contract/index.ts";
import { Button } from "../../ui/button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { nameOfKey } from "./columns.tsx";

export type MadeKey = Awaited<ReturnType<ConsoleClient["keys"]["create"]>>;

/** A new key, this once. */
export function KeyOnce({ made, onClose }: { made: MadeKey | null; onClose: () => void }) {
  if (made === null) return null;
  const reads = made.key.permissions.some((each) => each !== "stream");
  return (
    <Dialog
      open
      onClose={onClose}
      title={`The key ${nameOfKey(made.key)}`}
      about="Copy it now: it is not shown again, to nobody."
      width={640}
      actions={
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <CopyLine label="API key" text={made.secret} what="the key" />
      <CopyLine label="Listen with Kite's own command line" text={made.kite} what="the kite command" />
      {reads ? <CopyLine label="Read the latest events" text={made.curl} what="the curl command" /> : null}
    </Dialog>
  );
}
