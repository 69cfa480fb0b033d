import type { Provider } from "../provider.ts";
import { github } from "./github.ts";

const PROVIDERS: ReadonlyMap<string, Provider> = new Map([github].map((provider) => [provider.name, provider]));

/** The provider an endpoint's source slug stands for; undefined for a custom source. */
export function providerOf(source: string): Provider | undefined {
  return PROVIDERS.get(source);
}
