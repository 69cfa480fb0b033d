import { useMutation, useQuery } from "@tanstack/react-query";
import type { LabView } from "../../../shared/contract/index.ts";
import type { LabFile, LabStep } from "../../../shared/lab/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { toast } from "../../ui/toasts.tsx";
import { rememberLab } from "./lab-file.ts";

export type Traffic = LabView["traffic"][number];

/** The open lab and what can be done to it. Labs belong to the console's own hub, whichever hub is looked at. */
export function useLab() {
  const { own } = useConsole();
  const { query, queries } = own;
  const lab = useQuery(query.lab.get.queryOptions(), queries);
  const tell = (failed: string) => ({
    onSuccess: (view: LabView) => queries.setQueryData(query.lab.get.queryKey(), view),
    onError: (error: unknown) => toast.failed(failed, messageOf(error)),
  });
  const open = useMutation(query.lab.open.mutationOptions(tell("The lab was not started")), queries);
  const take = useMutation(query.lab.take.mutationOptions(tell("Nothing was done to the lab")), queries);
  const run = useMutation(query.lab.run.mutationOptions(tell("The steps were not taken")), queries);
  const startTraffic = useMutation(query.lab.startTraffic.mutationOptions(tell("No traffic was started")), queries);
  const stopTraffic = useMutation(query.lab.stopTraffic.mutationOptions(tell("The traffic was not stopped")), queries);
  const close = useMutation(
    query.lab.close.mutationOptions({
      onSuccess: () => queries.setQueryData(query.lab.get.queryKey(), null),
      onError: (error) => toast.failed("The lab was not stopped", messageOf(error)),
    }),
    queries,
  );
  return {
    own,
    lab,
    starting: open.isPending,
    closing: close.isPending,
    open: (file: LabFile, andRun = false): void => {
      rememberLab(file);
      open.mutate({ file, run: andRun });
    },
    take: (step: LabStep): void => take.mutate({ step }),
    run: (): void => run.mutate(undefined),
    startTraffic: (traffic: Traffic): void => startTraffic.mutate(traffic),
    stopTraffic: (at: string): void => stopTraffic.mutate({ at }),
    close: (): void => close.mutate(undefined),
  };
}

export type LabInUse = ReturnType<typeof useLab>;
