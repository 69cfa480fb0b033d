import type { EndpointView } from "../../../shared/contract/index.ts";
import { PROVIDER_HINTS, type ProviderHint } from "../../../shared/provider-hints.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import type { Column } from "../../ui/data-list.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";

export const hintOf = (source: string): ProviderHint | undefined =>
  PROVIDER_HINTS.find((hint) => hint.source === source);

export const providerWords = ({ provider, source }: Pick<EndpointView, "provider" | "source">): string =>
  hintOf(source)?.label ?? (provider === "http" ? "Any" : provider);

export function Activity({ endpoint }: { endpoint: EndpointView }) {
  return endpoint.active ? (
    <StateMark tone="ok" shape="dot">
      Active
    </StateMark>
  ) : (
    <StateMark tone="idle" shape="barred">
      Deactivated
    </StateMark>
  );
}

/** Whether requests have to be signed, and whether the secret before this one still counts. */
export function SecretState({ endpoint }: { endpoint: EndpointView }) {
  const { secretConfigured, previousSecretUntil, source } = endpoint;
  if (previousSecretUntil !== null)
    return (
      <StateMark tone="wait" shape="clock">
        Old one ends <Countdown to={previousSecretUntil} due="now" />
      </StateMark>
    );
  if (secretConfigured)
    return (
      <StateMark tone="ok" shape="tick">
        Signatures checked
      </StateMark>
    );
  return hintOf(source) === undefined ? (
    <StateMark tone="idle" shape="ring">
      Token only
    </StateMark>
  ) : (
    <StateMark tone="wait" shape="warning">
      No secret yet
    </StateMark>
  );
}

export function LastEvent({ endpoint: { lastEventAt, lastEventSeq } }: { endpoint: EndpointView }) {
  if (lastEventAt === null) return <span>None yet</span>;
  if (lastEventSeq === null) return <Time at={lastEventAt} />;
  return (
    <HubLink to={`event/${lastEventSeq}`}>
      <Time at={lastEventAt} />
    </HubLink>
  );
}

export function LastFailure({ endpoint: { lastRefusal, source } }: { endpoint: EndpointView }) {
  if (lastRefusal === null) return null;
  return (
    <HubLink to="refusals" search={{ source, id: lastRefusal.id }}>
      {reasonWords(lastRefusal.reason)}, <Time at={lastRefusal.at} />
    </HubLink>
  );
}

/** What the detail says too gives way to it. */
const IN_DETAIL = ["provider"];

export const endpointColumns = (besideDetail: boolean): readonly Column<EndpointView>[] =>
  all.filter(({ id }) => !besideDetail || !IN_DETAIL.includes(id));

const all: readonly Column<EndpointView>[] = [
  {
    id: "source",
    header: "Source",
    width: "minmax(70px, 1fr)",
    cell: ({ source }) => <strong>{source}</strong>,
  },
  { id: "provider", header: "Provider", width: "minmax(60px, 1fr)", cell: providerWords },
  { id: "state", header: "State", width: "94px", cell: (endpoint) => <Activity endpoint={endpoint} /> },
  { id: "events", header: "Events", width: "52px", align: "end", cell: ({ events }) => countWords(events) },
  { id: "last", header: "Last event", width: "72px", cell: (endpoint) => <LastEvent endpoint={endpoint} /> },
  {
    id: "failure",
    header: "Last refused",
    width: "minmax(140px, 1.6fr)",
    cell: (endpoint) => <LastFailure endpoint={endpoint} />,
  },
  {
    id: "secret",
    header: "Secret",
    width: "minmax(136px, 1fr)",
    cell: (endpoint) => <SecretState endpoint={endpoint} />,
  },
];
