import { useEffect, useRef, useState } from "react";
import type { TopologyView } from "../../../shared/contract/index.ts";

const MOVED_MS = 3_000;

/** Links whose counts have grown since the last look. Another window counts otherwise, and moves nothing. */
export function useMoving(view: TopologyView | undefined, windowMinutes: number): ReadonlySet<string> {
  const before = useRef<{ window: number; totals: Map<string, number> } | null>(null);
  const [moving, setMoving] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (view === undefined) return;
    const totals = new Map(
      view.edges.map(({ id, counts }) => [
        id,
        counts === null ? 0 : counts.received + counts.delivered + counts.duplicate + counts.retrying,
      ]),
    );
    const last = before.current;
    before.current = { window: windowMinutes, totals };
    if (last === null || last.window !== windowMinutes) return;
    const grown = [...totals].flatMap(([id, total]) => (total > (last.totals.get(id) ?? total) ? [id] : []));
    if (grown.length === 0) return;
    setMoving(new Set(grown));
    const timer = setTimeout(() => setMoving(new Set()), MOVED_MS);
    return () => clearTimeout(timer);
  }, [view, windowMinutes]);
  return moving;
}
