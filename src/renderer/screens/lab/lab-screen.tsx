import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Bench } from "./bench.tsx";
import { Chooser } from "./chooser.tsx";
import { Starting } from "./starting.tsx";
import { useLab } from "./use-lab.ts";

/** Real hubs on this machine, in a shape of your choice, to send traffic through and to break. */
export function LabScreen() {
  const use = useLab();
  const { lab } = use;
  if (lab.isPending) return <Skeleton />;
  if (lab.isError)
    return <ErrorState title="Labs cannot be shown" error={lab.error} onRetry={() => void lab.refetch()} />;
  if (lab.data === null) return <Chooser use={use} />;
  if (lab.data.state === "starting" || lab.data.state === "failed") return <Starting use={use} lab={lab.data} />;
  return <Bench use={use} lab={lab.data} />;
}
