import { HOOK_REASONS } from "../../../shared/refusals.ts";
import { INBOUND_REASONS } from "../../../shared/rules/index.ts";
import { Select } from "../../ui/field.tsx";
import { reasonTitle } from "../../ui/outcome.tsx";

const REASONS = [...new Set<string>([...HOOK_REASONS, ...INBOUND_REASONS])].sort();

/** One that the address names stays to be chosen, even where nobody here knows it. */
function choices(all: string, known: readonly { value: string; label: string }[], now: string | undefined) {
  const stranger = now === undefined || known.some(({ value }) => value === now) ? [] : [{ value: now, label: now }];
  return [{ value: "", label: all }, ...known, ...stranger];
}

export interface RefusalFilterChange {
  reason?: string | undefined;
  source?: string | undefined;
  peer?: string | undefined;
}

/** Which of the refused requests are listed. */
export function RefusalFilters({
  reason,
  source,
  peer,
  sources,
  peers,
  onChange,
}: RefusalFilterChange & {
  sources: readonly string[];
  peers: readonly { readonly id: string; readonly name: string }[];
  onChange: (change: RefusalFilterChange) => void;
}) {
  const reasons = REASONS.map((value) => ({ value, label: reasonTitle(value) }));
  const doors = sources.map((value) => ({ value, label: value }));
  const names = peers.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <Select
        aria-label="Reason"
        value={reason ?? ""}
        onValue={(value) => onChange({ reason: value || undefined })}
        options={choices("Any reason", reasons, reason)}
      />
      <Select
        aria-label="Endpoint"
        value={source ?? ""}
        onValue={(value) => onChange({ source: value || undefined })}
        options={choices("Any endpoint", doors, source)}
      />
      <Select
        aria-label="Peer"
        value={peer ?? ""}
        onValue={(value) => onChange({ peer: value || undefined })}
        options={choices("Any peer", names, peer)}
      />
    </>
  );
}
