import { useQuery } from "@tanstack/react-query";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { SecretBlock } from "../../ui/secret-block.tsx";
import { EmptyState } from "../../ui/state.tsx";

/** Before the first event: the very command that makes one. */
export function StreamEmpty({ onCompose }: { onCompose: () => void }) {
  const { query } = useHub();
  const { data } = useQuery(query.hub.firstSteps.queryOptions());
  return (
    <EmptyState title="No events yet">
      <p>Point a webhook at this hub, or send a first event by hand.</p>
      {data === undefined ? null : (
        <SecretBlock text={data.curl} secrets={[data.hookUrl.split("/").at(-1) ?? ""]} what="the command" />
      )}
      <p>
        <Button look="primary" onClick={onCompose} keys="N">
          Send an event
        </Button>
      </p>
    </EmptyState>
  );
}
