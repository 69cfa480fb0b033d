import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { messageOf } from "../data/error-message.ts";
import { useHub } from "../data/hub.tsx";
import { KeyHint } from "../ui/key-hint.tsx";
import { toast } from "../ui/toasts.tsx";
import { type Action, byGroup } from "./keyboard/registry.ts";
import { useAllActions } from "./keyboard/use-actions.ts";
import { useGo } from "./navigation.ts";
import styles from "./palette.module.css";

/** Every action, every screen, and any id or seq that is pasted. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [text, setText] = useState("");
  const close = (): void => {
    setText("");
    onClose();
  };
  return (
    <Dialog.Root open={open} onOpenChange={(now) => (now ? undefined : close())}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.veil} />
        <Dialog.Content className={styles.box} aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Command palette</Dialog.Title>
          <Command label="Command palette" loop>
            <Command.Input value={text} onValueChange={setText} placeholder="Type an action, or paste an id or a seq" />
            <Command.List className={styles.list}>
              <Command.Empty className={styles.empty}>No action is called that.</Command.Empty>
              <Pasted text={text.trim()} onDone={close} />
              <Groups onDone={close} />
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Groups({ onDone }: { onDone: () => void }) {
  const offered = useAllActions().filter(({ palette }) => palette !== false);
  return byGroup(offered).map(([group, actions]) => (
    <Command.Group key={group} heading={group}>
      {actions.map((action) => (
        <Row key={action.id} action={action} onDone={onDone} />
      ))}
    </Command.Group>
  ));
}

function Row({ action, onDone }: { action: Action; onDone: () => void }) {
  return (
    <Command.Item
      className={styles.item}
      value={action.id}
      keywords={[action.label, action.group, action.words ?? ""]}
      onSelect={() => {
        onDone();
        action.run();
      }}
    >
      <span>{action.label}</span>
      {action.keys === undefined ? null : <KeyHint keys={action.keys} />}
    </Command.Item>
  );
}

/** A number may be a seq; any one word may be the id of an event. */
function Pasted({ text, onDone }: { text: string; onDone: () => void }) {
  const { client } = useHub();
  const go = useGo();
  const isSeq = /^[1-9]\d{0,15}$/.test(text);
  if (/\s/.test(text) || (!isSeq && text.length < 4)) return null;
  const find = async (): Promise<void> => {
    onDone();
    try {
      const [seq, ...others] = await client.events.findById({ id: text });
      if (seq === undefined) toast.failed("No event has this id", text);
      else if (others.length > 0) go("stream", { q: `id:${text}` });
      else go(`event/${seq}`);
    } catch (error) {
      toast.failed("The hub could not look the id up", messageOf(error));
    }
  };
  return (
    <Command.Group heading="Go to" forceMount>
      {isSeq ? (
        <Command.Item
          className={styles.item}
          value={`seq ${text}`}
          forceMount
          onSelect={() => {
            onDone();
            go(`event/${text}`);
          }}
        >
          Event {text}
        </Command.Item>
      ) : null}
      {text.length < 4 ? null : (
        <Command.Item className={styles.item} value={`id ${text}`} forceMount onSelect={() => void find()}>
          Event with the id {text}
        </Command.Item>
      )}
    </Command.Group>
  );
}
