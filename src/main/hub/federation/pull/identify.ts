import { z } from "zod";
import { PeerClient, type Resolve } from "../outbound/index.ts";

const Health = z.object({ federation: z.object({ instance_id: z.string().min(1).max(128) }) });
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 65_536;

/** Asks the instance at this address who it is. Null when it does not say, as a real Kite does not. Never rejects. */
export async function askInstanceId(
  base: URL,
  options: { readonly allowPrivate: boolean; readonly userAgent: string; readonly resolve?: Resolve },
): Promise<string | null> {
  const { allowPrivate, userAgent, resolve } = options;
  const url = new URL("health", base).href;
  const client = new PeerClient({
    url,
    allowPrivate,
    timeoutMs: TIMEOUT_MS,
    connections: 1,
    ...(resolve === undefined ? {} : { resolve }),
  });
  try {
    const answer = await client.get(["user-agent", userAgent, "accept", "application/json"], MAX_BYTES);
    if (answer.status !== 200 || answer.truncated) return null;
    return Health.parse(JSON.parse(answer.body)).federation.instance_id;
  } catch {
    return null;
  } finally {
    await client.destroy();
  }
}

/** The base URL of the hub whose stream this is, with a slash at its end. */
export function baseOfStream(streamUrl: string): URL {
  return new URL("./", streamUrl.replace(/^ws/, "http"));
}
