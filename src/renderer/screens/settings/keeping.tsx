import { useQuery } from "@tanstack/react-query";
import { useHub } from "../../data/hub.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { KeepingForm } from "./keeping-form.tsx";

/** How long events stay, and how much of them: the settings that can be changed while the hub runs. */
export function Keeping() {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(query.settings.get.queryOptions());
  if (data !== undefined) return <KeepingForm saved={data} />;
  if (error !== null)
    return <ErrorState title="The settings cannot be shown" error={error} onRetry={() => void refetch()} />;
  return <Skeleton />;
}
