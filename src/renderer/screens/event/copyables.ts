import type { AttemptView, EventView } from "../../../shared/contract/index.ts";
import { objectSlices } from "../../../shared/event/index.ts";
import type { Copyable } from "../../ui/copy.tsx";

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The data of an event as it was received; null for an event without. */
export function dataOf(event: EventView): string | null {
  return objectSlices(event.event).find(({ name }) => name === "data")?.raw ?? null;
}

/** Sends the event to an endpoint again. The token is left for who pastes it: it is shown nowhere. */
function curlOf(event: EventView, hookUrl: string): string {
  return [
    `curl -X POST ${quote(hookUrl)}`,
    `  -H 'content-type: application/cloudevents+json'`,
    `  --data-binary ${quote(event.event)}`,
  ].join(" \\\n");
}

export function attemptCurl(attempt: AttemptView): string {
  const headers = Object.entries(attempt.requestHeaders).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)}`);
  return [`curl -X POST ${quote(attempt.url)}`, ...headers, "  --data-binary @event.json"].join(" \\\n");
}

export function copyablesOf(event: EventView, hookUrl: string): readonly Copyable[] {
  return [
    { what: "as JSON", text: () => event.event },
    { what: "the data", text: () => dataOf(event) ?? "" },
    { what: "as cURL", text: () => curlOf(event, hookUrl) },
    { what: "the id", text: () => event.id },
    { what: "a link", text: () => `kite://open/local/event/${event.seq}` },
  ];
}

/** Writes the event to a file of its own, for a test. */
export function saveFixture(event: EventView): void {
  const url = URL.createObjectURL(new Blob([event.event], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${event.type.replaceAll(/[^\w.-]+/g, "-")}-${event.seq}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
