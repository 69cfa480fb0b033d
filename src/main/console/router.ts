import { os } from "./caller.ts";
import { attemptCalls } from "./nouns/attempts.ts";
import { explainCalls, lintCalls, loopCalls } from "./nouns/debugger.ts";
import { endpointCalls } from "./nouns/endpoints.ts";
import { eventCalls } from "./nouns/events.ts";
import { hubCalls } from "./nouns/hub.ts";
import { hubsCalls } from "./nouns/hubs.ts";
import { keyCalls } from "./nouns/keys.ts";
import { labCalls } from "./nouns/lab.ts";
import { linkCalls } from "./nouns/links.ts";
import { listenerCalls } from "./nouns/listeners.ts";
import { outboxCalls } from "./nouns/outbox.ts";
import { overviewCalls } from "./nouns/overview.ts";
import { pairingCalls } from "./nouns/pairing.ts";
import { peerCalls } from "./nouns/peers.ts";
import { refusalCalls } from "./nouns/refusals.ts";
import { replayCalls } from "./nouns/replays.ts";
import { settingCalls, viewCalls } from "./nouns/settings.ts";
import { topologyCalls } from "./nouns/topology.ts";
import type { Services } from "./services.ts";

/** The whole contract, answered from one hub. */
export function createRouter(services: Services) {
  return os.router({
    hub: hubCalls(services),
    hubs: hubsCalls(services),
    overview: overviewCalls(services),
    topology: topologyCalls(services),
    events: eventCalls(services),
    outbox: outboxCalls(services),
    attempts: attemptCalls(services),
    replays: replayCalls(services),
    peers: peerCalls(services),
    links: linkCalls(services),
    pairing: pairingCalls(services),
    listeners: listenerCalls(services),
    endpoints: endpointCalls(services),
    refusals: refusalCalls(services),
    keys: keyCalls(services),
    settings: settingCalls(services),
    views: viewCalls(services),
    explain: explainCalls(services),
    lint: lintCalls(services),
    loops: loopCalls(services),
    lab: labCalls(services),
  });
}
