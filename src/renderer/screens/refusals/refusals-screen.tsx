import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { RefusalView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { DataList } from "../../ui/data-list.tsx";
import { ListSays, ListScreen } from "../../ui/list-screen.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { refusalColumns } from "./columns.tsx";
import { RefusalDetail } from "./refusal-detail.tsx";
import { RefusalFilters } from "./refusal-filters.tsx";
import { RefusalsSearch } from "./search.ts";

const PAGE = 100;

/** What was turned away before it became an event, and why: what people look for first when nothing arrives. */
export function RefusalsScreen() {
  const { query } = useHub();
  const [{ reason, source, peer, id }, setSearch] = useScreenSearch(RefusalsSearch);
  const wanted = { reason: reason ?? null, source: source ?? null, peerId: peer ?? null };
  const pages = useInfiniteQuery(
    query.refusals.list.infiniteOptions({
      input: (cursor: string | null) => ({ ...wanted, cursor, limit: PAGE }),
      initialPageParam: null as string | null,
      getNextPageParam: ({ nextCursor }) => nextCursor,
      placeholderData: keepPreviousData,
    }),
  );
  const endpoints = useQuery(query.endpoints.list.queryOptions());
  const peers = useQuery(query.peers.list.queryOptions());
  const rows = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  const at = rows.findIndex((row) => row.id === id);
  const close = (): void => setSearch({ id: undefined });
  const clear = (): void => setSearch({ reason: undefined, source: undefined, peer: undefined });
  const filtered = reason !== undefined || source !== undefined || peer !== undefined;
  useActions([
    ...(filtered ? [{ id: "refusals.clear", group: "Refused requests", label: "Show all of them", run: clear }] : []),
  ]);

  const list =
    pages.data === undefined ? (
      pages.error === null ? (
        <Skeleton />
      ) : (
        <ErrorState
          title="The refused requests cannot be shown"
          error={pages.error}
          onRetry={() => void pages.refetch()}
        />
      )
    ) : rows.length === 0 ? (
      <EmptyState title={filtered ? "None of these was refused" : "Nothing was refused"}>
        {filtered ? (
          <Button onClick={clear}>Show all of them</Button>
        ) : (
          <p>
            A request with a wrong token, a bad signature or a body that cannot be read would stand here, with what was
            compared. The doors are under <HubLink to="endpoints">Endpoints</HubLink>.
          </p>
        )}
      </EmptyState>
    ) : (
      <DataList<RefusalView>
        primary
        label="Refused requests"
        columns={refusalColumns}
        count={rows.length}
        itemAt={(index) => rows[index]}
        keyOf={(row) => row.id}
        active={at < 0 ? null : at}
        onActive={(index) => setSearch({ id: rows[index]?.id })}
        foot={
          pages.hasNextPage ? (
            <Button disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {pages.isFetchingNextPage ? "Loading…" : "Show older ones"}
            </Button>
          ) : null
        }
      />
    );

  return (
    <ListScreen
      id="refusals"
      tools={
        <>
          <ListSays>
            {pages.data === undefined
              ? ""
              : `${countOf(rows.length, "refused request")}${pages.hasNextPage ? ", and older ones" : ""}`}
          </ListSays>
          <RefusalFilters
            reason={reason}
            source={source}
            peer={peer}
            sources={endpoints.data?.map((endpoint) => endpoint.source) ?? []}
            peers={peers.data ?? []}
            onChange={setSearch}
          />
        </>
      }
      list={list}
      onClose={close}
      detail={id === undefined ? null : <RefusalDetail key={id} id={id} onClose={close} />}
    />
  );
}
