import { useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, TextArea } from "../../ui/field.tsx";
import { type Asked, NOTHING_ASKED, readQuestion } from "./asked.ts";
import styles from "./explain.module.css";
import { ExplainSearch } from "./search.ts";

/** Which event: a seq, an id, a type, or a CloudEvent that is pasted. */
export function AskBar() {
  const { client } = useHub();
  const [{ seq, type }, setSearch] = useScreenSearch(ExplainSearch);
  const [text, setText] = useState(seq === undefined ? (type ?? "") : String(seq));
  const [problem, setProblem] = useState<string | null>(null);
  const [pasting, setPasting] = useState(false);

  const ask = (asked: Asked): void => {
    setProblem(null);
    setPasting(false);
    setSearch({ ...asked, node: undefined, edge: undefined }, "pushed");
  };
  const submit = async (question: string): Promise<void> => {
    const read = readQuestion(question);
    if (read.kind === "asked") return ask(read.asked);
    if (read.kind === "wrong") return setProblem(read.problem);
    try {
      const [found] = await client.events.findById({ id: read.id });
      if (found === undefined) setProblem(`No event of the log has the id ${read.id}.`);
      else ask({ ...NOTHING_ASKED, seq: found });
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  useActions([
    {
      id: "explain.ask",
      group: "Explain",
      label: "Ask about another event",
      keys: "/",
      run: () => document.querySelector<HTMLInputElement>("[data-ask]")?.select(),
    },
    { id: "explain.paste", group: "Explain", label: "Paste a CloudEvent", keys: "p", run: () => setPasting(true) },
  ]);
  return (
    <>
      <form
        className={styles.ask}
        onSubmit={(event) => {
          event.preventDefault();
          void submit(text);
        }}
      >
        <Input
          data-ask=""
          aria-label="Event to explain: a seq, an id, or a type"
          placeholder="Seq, id or type, such as com.stripe.charge"
          value={text}
          aria-invalid={problem !== null}
          onChange={({ target }) => setText(target.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData("text");
            if (!pasted.trim().startsWith("{")) return;
            event.preventDefault();
            void submit(pasted);
          }}
          onKeyDown={(event) => (event.key === "Escape" ? event.currentTarget.blur() : undefined)}
        />
        <Button type="submit">Explain</Button>
        <Button onClick={() => setPasting(true)} keys="p">
          Paste event
        </Button>
      </form>
      {problem === null || pasting ? null : (
        <p className={styles.wrong} role="alert">
          {problem}
        </p>
      )}
      <PasteDialog
        open={pasting}
        onClose={() => setPasting(false)}
        problem={problem}
        onText={(pasted) => void submit(pasted)}
      />
    </>
  );
}

function PasteDialog({
  open,
  onClose,
  problem,
  onText,
}: {
  open: boolean;
  onClose: () => void;
  problem: string | null;
  onText: (text: string) => void;
}) {
  const [text, setText] = useState("");
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Explain a pasted event"
      about="Nothing is stored and nothing is sent: the rules are asked where it would go."
      width={560}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabled={text.trim() === ""} onClick={() => onText(text)}>
            Explain
          </Button>
        </>
      }
    >
      <Field label="CloudEvent, as JSON" error={problem}>
        <TextArea rows={12} value={text} spellCheck={false} onChange={({ target }) => setText(target.value)} />
      </Field>
    </Dialog>
  );
}
