import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { EndpointSecrets, EndpointView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { DataList } from "../../ui/data-list.tsx";
import { ListSays, ListScreen } from "../../ui/list-screen.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf } from "../../ui/time-words.ts";
import { endpointColumns } from "./columns.tsx";
import { CreateEndpoint } from "./create-endpoint.tsx";
import { EndpointDetail } from "./endpoint-detail.tsx";
import { EndpointsSearch } from "./search.ts";
import { SecretsOnce } from "./secrets-once.tsx";

/** Where providers and programs send their requests, and how each of these doors is doing. */
export function EndpointsScreen() {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(query.endpoints.list.queryOptions());
  const [{ source }, setSearch] = useScreenSearch(EndpointsSearch);
  const [creating, setCreating] = useState<string | null>(null);
  const [made, setMade] = useState<EndpointSecrets | null>(null);
  const endpoints = data ?? [];
  const at = endpoints.findIndex((endpoint) => endpoint.source === source);
  const chosen = endpoints[at];
  const close = (): void => setSearch({ source: undefined });

  useActions([
    { id: "endpoints.create", group: "Endpoints", label: "New endpoint", keys: "N", run: () => setCreating("") },
  ]);

  const list =
    data === undefined ? (
      error === null ? (
        <Skeleton />
      ) : (
        <ErrorState title="The endpoints cannot be shown" error={error} onRetry={() => void refetch()} />
      )
    ) : endpoints.length === 0 ? (
      <EmptyState title="No endpoint yet">
        <p>An endpoint is a URL that a provider or a program of yours posts to. Each source has one.</p>
        <Button look="primary" onClick={() => setCreating("")}>
          New endpoint
        </Button>
      </EmptyState>
    ) : (
      <DataList<EndpointView>
        primary
        label="Endpoints"
        columns={endpointColumns(chosen !== undefined)}
        count={endpoints.length}
        itemAt={(index) => endpoints[index]}
        keyOf={({ id }) => id}
        active={at < 0 ? null : at}
        onActive={(index) => setSearch({ source: endpoints[index]?.source })}
        rowHeight={32}
      />
    );

  return (
    <>
      <ListScreen
        id="endpoints"
        tools={
          <>
            <ListSays>{data === undefined ? "" : countOf(endpoints.length, "endpoint")}</ListSays>
            <HubLink to="refusals">Refused requests</HubLink>
            <Button look="primary" keys="N" onClick={() => setCreating("")}>
              <Plus aria-hidden="true" />
              New endpoint
            </Button>
          </>
        }
        list={list}
        onClose={close}
        detail={
          chosen === undefined ? null : (
            <EndpointDetail
              key={chosen.id}
              endpoint={chosen}
              onClose={close}
              onSecrets={setMade}
              onCreateAgain={() => setCreating(chosen.source)}
            />
          )
        }
      />
      <CreateEndpoint
        key={creating}
        source={creating}
        taken={endpoints.filter(({ active }) => active).map((endpoint) => endpoint.source)}
        onClose={() => setCreating(null)}
        onCreated={(secrets) => {
          setCreating(null);
          setMade(secrets);
          setSearch({ source: secrets.endpoint.source });
        }}
      />
      <SecretsOnce secrets={made} onClose={() => setMade(null)} />
    </>
  );
}
