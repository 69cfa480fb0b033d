const guards = new Set<() => void>();

/**
 * Runs `last` when this process exits in an orderly way (`process.exit`, or nothing left to do) before the returned
 * function was called. `last` must be synchronous. Signals that end the process run no exit handler unless the caller
 * handles them; a server left behind by those is found and stopped at the next start.
 */
export function guardExit(last: () => void): () => void {
  if (guards.size === 0) process.on("exit", runAll);
  guards.add(last);
  return () => {
    guards.delete(last);
    if (guards.size === 0) process.off("exit", runAll);
  };
}

function runAll(): void {
  for (const last of guards) last();
}
