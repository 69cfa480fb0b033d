import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ListenerView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { DataList } from "../../ui/data-list.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { ListSays, ListScreen } from "../../ui/list-screen.tsx";
import { ContextMenu } from "../../ui/menu.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import { listenerColumns } from "./columns.tsx";
import { ListenerDetail } from "./listener-detail.tsx";
import styles from "./listeners.module.css";
import { ListenersEmpty } from "./listeners-empty.tsx";
import { ListenersSearch } from "./search.ts";

/** How often is asked while somebody catches up: what a listener acknowledges is no change that the hub tells of. */
const CATCHING_UP = 1_500;

/** Which CLIs and agents are connected, and how far are they behind? */
export function ListenersScreen() {
  const { query, client } = useHub();
  const [{ client: chosen }, setSearch] = useScreenSearch(ListenersSearch);
  const [forgetting, setForgetting] = useState<ListenerView | null>(null);
  const { data, error, refetch } = useQuery(
    query.listeners.list.queryOptions({
      refetchInterval: ({ state }) =>
        state.data?.some(({ connectedAt, behind }) => connectedAt !== null && behind > 0) === true
          ? CATCHING_UP
          : false,
    }),
  );
  const disconnect = useMutation(
    query.listeners.disconnect.mutationOptions({
      onSuccess: (_, { clientId }) =>
        toast.done(`${clientId} is disconnected`, "It may come back, and goes on from its cursor."),
      onError: (problem) => toast.failed("Not disconnected", messageOf(problem)),
    }),
  );
  const listener = data?.find(({ clientId }) => clientId === chosen);
  const end = (each: ListenerView): void => disconnect.mutate({ clientId: each.clientId });
  const close = (): void => setSearch({ client: undefined });
  useActions(
    listener === undefined
      ? []
      : [
          listener.connectedAt === null
            ? {
                id: "listener.forget",
                group: "Listener",
                label: "Forget its cursor",
                keys: "f",
                run: () => setForgetting(listener),
              }
            : {
                id: "listener.disconnect",
                group: "Listener",
                label: "Disconnect",
                keys: "d",
                run: () => end(listener),
              },
        ],
  );
  if (data === undefined)
    return error === null ? (
      <Skeleton />
    ) : (
      <ErrorState title="The listeners cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  const connected = data.filter(({ connectedAt }) => connectedAt !== null).length;
  const away = data.length - connected;
  const most = Math.max(1, ...data.map(({ behind }) => behind));
  const place = data.findIndex(({ clientId }) => clientId === chosen);
  return (
    <>
      <ListScreen
        id="listeners"
        tools={
          <ListSays>
            {countOf(connected, "client")} connected
            {away === 0 ? "" : `, ${countOf(away, "client")} away`}
          </ListSays>
        }
        list={
          data.length === 0 ? (
            <ListenersEmpty />
          ) : (
            <ContextMenu
              entries={
                listener === undefined
                  ? []
                  : listener.connectedAt === null
                    ? [{ label: "Forget its cursor…", danger: true, onSelect: () => setForgetting(listener) }]
                    : [{ label: "Disconnect", onSelect: () => end(listener) }]
              }
            >
              <div className={styles.list}>
                <DataList
                  primary
                  label="Listeners"
                  columns={listenerColumns(most, listener !== undefined)}
                  count={data.length}
                  itemAt={(index) => data[index]}
                  keyOf={({ clientId }) => clientId}
                  active={place < 0 ? null : place}
                  onActive={(index) => setSearch({ client: data[index]?.clientId })}
                  onContextMenu={(_, item) => setSearch({ client: item.clientId })}
                  rowHeight={34}
                />
              </div>
            </ContextMenu>
          )
        }
        onClose={close}
        detail={
          listener === undefined ? null : (
            <ListenerDetail
              listener={listener}
              onClose={close}
              onDisconnect={() => end(listener)}
              onForget={() => setForgetting(listener)}
            />
          )
        }
      />
      {forgetting === null ? null : (
        <ConfirmDialog
          open
          onClose={() => setForgetting(null)}
          title={`Forget the cursor of ${forgetting.clientId}?`}
          about={
            forgetting.behind === 0
              ? "It starts live when it comes back."
              : `It starts live when it comes back, and does not get ${countOf(forgetting.behind, "event")} that it has not seen; only a paired hub keeps its own place.`
          }
          confirm="Forget 1 cursor"
          onConfirm={() => client.listeners.forget({ clientId: forgetting.clientId })}
        />
      )}
    </>
  );
}
