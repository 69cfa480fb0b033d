import { useMutation, useQuery } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Menu, type MenuEntry } from "../../ui/menu.tsx";
import { toast } from "../../ui/toasts.tsx";

/** Filters that were given a name. */
export function SavedViews({ filter, onFilter }: { filter: string; onFilter: (text: string) => void }) {
  const { query } = useHub();
  const { data: views = [] } = useQuery(query.views.list.queryOptions());
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const save = useMutation(
    query.views.save.mutationOptions({
      onSuccess: () => {
        setNaming(false);
        setName("");
        toast.done("View saved");
      },
    }),
  );
  const remove = useMutation(
    query.views.remove.mutationOptions({
      onError: (error) => toast.failed("The view was not removed", messageOf(error)),
    }),
  );
  useActions(
    views.map((view) => ({
      id: `view.${view.id}`,
      group: "Saved views",
      label: view.name,
      words: view.filter,
      run: () => onFilter(view.filter),
    })),
  );
  const current = views.find((view) => view.filter === filter);
  const entries: MenuEntry[] = [
    ...(views.length === 0 ? [{ kind: "label", label: "No saved views yet" } as const] : []),
    ...views.map((view) => ({ label: view.name, onSelect: () => onFilter(view.filter) })),
    { kind: "line" },
    { label: "Save this filter as a view", disabled: filter === "", onSelect: () => setNaming(true) },
    ...(current === undefined
      ? []
      : [
          {
            label: `Remove the view ${current.name}`,
            danger: true,
            onSelect: () =>
              toast.undoable(`1 view will be removed: ${current.name}`, () => remove.mutate({ id: current.id })),
          },
        ]),
  ];
  return (
    <>
      <Menu
        entries={entries}
        trigger={
          <Button>
            <Bookmark aria-hidden="true" />
            {current?.name ?? "Views"}
          </Button>
        }
      />
      <Dialog
        open={naming}
        onClose={() => setNaming(false)}
        title="Save this filter as a view"
        actions={
          <>
            <Button onClick={() => setNaming(false)}>Cancel</Button>
            <Button
              look="primary"
              disabled={name.trim() === "" || save.isPending}
              onClick={() => save.mutate({ id: null, name: name.trim(), filter })}
            >
              Save view
            </Button>
          </>
        }
      >
        <Field label="Name" hint={filter} error={save.error === null ? null : messageOf(save.error)}>
          <Input value={name} maxLength={80} onChange={({ target }) => setName(target.value)} />
        </Field>
      </Dialog>
    </>
  );
}
