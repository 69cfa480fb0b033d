import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { ApiKeyView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { DataList } from "../../ui/data-list.tsx";
import { ListSays, ListScreen } from "../../ui/list-screen.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { keyColumns } from "./columns.tsx";
import { CreateKey } from "./create-key.tsx";
import { KeyDetail } from "./key-detail.tsx";
import { KeyOnce, type MadeKey } from "./key-once.tsx";
import { KeysSearch } from "./search.ts";

/** What programs and people get in with. */
export function KeysScreen() {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(query.keys.list.queryOptions());
  const [{ id }, setSearch] = useScreenSearch(KeysSearch);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<MadeKey | null>(null);
  const keys = data ?? [];
  const at = keys.findIndex((key) => key.id === id);
  const chosen = keys[at];
  const active = keys.filter(({ state }) => state === "active").length;
  const close = (): void => setSearch({ id: undefined });
  useActions([{ id: "keys.create", group: "API keys", label: "New API key", keys: "N", run: () => setCreating(true) }]);
  const list =
    data === undefined ? (
      error === null ? (
        <Skeleton />
      ) : (
        <ErrorState title="The API keys cannot be shown" error={error} onRetry={() => void refetch()} />
      )
    ) : keys.length === 0 ? (
      <EmptyState title="No API key yet">
        <p>A key lets a program listen to this team's events, or change what this team has here.</p>
        <Button look="primary" onClick={() => setCreating(true)}>
          New API key
        </Button>
      </EmptyState>
    ) : (
      <DataList<ApiKeyView>
        primary
        label="API keys"
        columns={keyColumns(chosen !== undefined)}
        count={keys.length}
        itemAt={(index) => keys[index]}
        keyOf={(key) => key.id}
        active={at < 0 ? null : at}
        onActive={(index) => setSearch({ id: keys[index]?.id })}
        rowHeight={32}
      />
    );
  return (
    <>
      <ListScreen
        id="keys"
        tools={
          <>
            <ListSays>{data === undefined ? "" : `${countOf(keys.length, "key")}, ${active} active`}</ListSays>
            <Button look="primary" keys="N" onClick={() => setCreating(true)}>
              <Plus aria-hidden="true" />
              New API key
            </Button>
          </>
        }
        list={list}
        onClose={close}
        detail={chosen === undefined ? null : <KeyDetail key={chosen.id} apiKey={chosen} onClose={close} />}
      />
      {creating ? (
        <CreateKey
          onClose={() => setCreating(false)}
          onCreated={(key) => {
            setCreating(false);
            setMade(key);
            setSearch({ id: key.key.id });
          }}
        />
      ) : null}
      <KeyOnce made={made} onClose={() => setMade(null)} />
    </>
  );
}
