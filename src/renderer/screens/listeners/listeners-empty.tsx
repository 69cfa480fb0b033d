import { useQuery } from "@tanstack/react-query";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { SecretBlock } from "../../ui/secret-block.tsx";
import { EmptyState } from "../../ui/state.tsx";

/** Before the first listener: the very line that makes one. */
export function ListenersEmpty() {
  const { query } = useHub();
  const { data, error } = useQuery(query.hub.firstSteps.queryOptions());
  return (
    <EmptyState title="Nobody has listened yet">
      <p>A listener is a CLI or an agent that takes events as they come, and goes on where it left off. Start one:</p>
      {data === undefined ? null : <SecretBlock text={data.kiteStream} secrets={[data.apiKey]} what="the command" />}
      {error === null ? null : <p>{messageOf(error)}</p>}
    </EmptyState>
  );
}
