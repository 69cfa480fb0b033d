import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import styles from "./chooser.module.css";
import { DrawDialog } from "./draw-dialog.tsx";
import { lastLab, readLab } from "./lab-file.ts";
import { RecipeCard } from "./recipe-card.tsx";
import { ShapeForm } from "./shape-form.tsx";
import type { LabInUse } from "./use-lab.ts";

/** No lab is open: the lessons, the shapes, and the ways to one's own. */
export function Chooser({ use }: { use: LabInUse }) {
  const recipes = useQuery(use.own.query.lab.recipes.queryOptions({ staleTime: Infinity }), use.own.queries);
  const [drawing, setDrawing] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const last = lastLab();
  const read = async (file: File): Promise<void> => {
    try {
      setProblem(null);
      use.open(readLab(await file.text(), file.name));
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  useActions([
    ...(recipes.data ?? []).map(({ name, file }, at) => ({
      id: `lab.recipe.${at}`,
      group: "Lab",
      label: `Run “${name}”`,
      words: "lab recipe lesson start",
      ...(at < 9 ? { keys: `${at + 1}` } : {}),
      run: () => use.open(file, true),
    })),
    { id: "lab.draw", group: "Lab", label: "Draw a lab", keys: "d", run: () => setDrawing(true) },
    { id: "lab.file", group: "Lab", label: "Open a lab file", keys: "o", run: () => input.current?.click() },
    ...(last === null
      ? []
      : [{ id: "lab.again", group: "Lab", label: `Start “${last.name}” again`, keys: "r", run: () => use.open(last) }]),
  ]);
  return (
    <div className={styles.chooser}>
      <header className={styles.intro}>
        <p>
          A lab is real hubs on this machine, each with a port, a database and keys of its own. Send traffic through
          them, break the links between them, and look at each as at any other hub.
        </p>
        <div className={styles.row}>
          {last === null ? null : (
            <Button keys="r" onClick={() => use.open(last)} title={last.lesson}>
              Start “{last.name}” again
            </Button>
          )}
          <Button keys="d" onClick={() => setDrawing(true)}>
            Draw one
          </Button>
          <Button keys="o" onClick={() => input.current?.click()}>
            Open a lab file
          </Button>
          <input
            ref={input}
            type="file"
            aria-label="Lab file"
            accept=".json,application/json"
            hidden
            onChange={({ target }) => {
              const [picked] = target.files ?? [];
              target.value = "";
              if (picked !== undefined) void read(picked);
            }}
          />
        </div>
        {problem === null ? null : (
          <div role="alert" className={styles.problem}>
            <StateMark tone="fail" shape="cross">
              The file was not opened
            </StateMark>
            <pre>{problem}</pre>
          </div>
        )}
      </header>
      <section aria-labelledby="lab-shapes">
        <h2 id="lab-shapes" className={styles.heading}>
          Start a shape
        </h2>
        <ShapeForm use={use} />
      </section>
      <section aria-labelledby="lab-recipes">
        <h2 id="lab-recipes" className={styles.heading}>
          Run a lesson
        </h2>
        {recipes.isPending ? <Skeleton lines={6} /> : null}
        {recipes.isError ? (
          <ErrorState title="The lessons cannot be read" error={recipes.error} onRetry={() => void recipes.refetch()} />
        ) : null}
        <ul className={styles.cards}>
          {recipes.data?.map(({ file }, at) => (
            <RecipeCard key={file.name} file={file} keys={`${at + 1}`} use={use} />
          ))}
        </ul>
      </section>
      <DrawDialog open={drawing} onClose={() => setDrawing(false)} onStart={use.open} />
    </div>
  );
}
