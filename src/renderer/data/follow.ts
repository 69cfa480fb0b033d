/**
 * Keeps a live call of the hub going: when it ends or breaks, it is made again, until the signal is aborted.
 * @param open makes the call; it waits by itself for a connection
 * @param pause waits a little between tries, so that a hub that refuses is not asked without end
 */
export async function follow<T>(
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
  each: (message: T) => void,
  signal: AbortSignal,
  pause: () => Promise<void>,
  failed: (error: unknown) => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const message of await open(signal)) {
        if (signal.aborted) return;
        each(message);
      }
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
    }
    await pause();
  }
}

export const pauseAWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));
