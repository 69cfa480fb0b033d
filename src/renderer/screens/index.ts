import {
  Ban,
  DoorOpen,
  FlaskConical,
  Headphones,
  House,
  KeyRound,
  Network,
  Radio,
  Send,
  Settings,
  Users,
  Waypoints,
} from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EndpointsScreen } from "./endpoints/endpoints-screen.tsx";
import { EventScreen } from "./event/event-screen.tsx";
import { ExplainScreen } from "./explain/explain-screen.tsx";
import { KeysScreen } from "./keys/keys-screen.tsx";
import { LabScreen } from "./lab/lab-screen.tsx";
import { ListenersScreen } from "./listeners/listeners-screen.tsx";
import { EntryScreen } from "./outbox/entry-screen.tsx";
import { OutboxScreen } from "./outbox/outbox-screen.tsx";
import { OverviewScreen } from "./overview/overview-screen.tsx";
import { PairingScreen } from "./pairing/pairing-screen.tsx";
import { PairingUnderWay } from "./pairing/pairing-under-way.tsx";
import { PeerScreen } from "./peers/peer-screen.tsx";
import { PeersScreen } from "./peers/peers-screen.tsx";
import { RefusalsScreen } from "./refusals/refusals-screen.tsx";
import { SettingsScreen } from "./settings/settings-screen.tsx";
import { StreamScreen } from "./stream/stream-screen.tsx";
import { TopologyScreen } from "./topology/topology-screen.tsx";

/** Every screen, in the order of the rail; the first is where the console opens. One line adds a screen. */
export const screens: readonly Screen[] = [
  { path: "overview", label: "Overview", component: OverviewScreen, rail: { icon: House, keys: "g h" } },
  { path: "topology", label: "Topology", component: TopologyScreen, rail: { icon: Network, keys: "g t" } },
  { path: "stream", label: "Stream", component: StreamScreen, rail: { icon: Radio, keys: "g s" } },
  { path: "event/$seq", label: "Event", component: EventScreen },
  { path: "outbox", label: "Outbox", component: OutboxScreen, rail: { icon: Send, keys: "g o" } },
  { path: "outbox/$id", label: "Outbox", component: EntryScreen },
  { path: "explain", label: "Explain", component: ExplainScreen, rail: { icon: Waypoints, keys: "g e" } },
  { path: "peers", label: "Peers", component: PeersScreen, rail: { icon: Users, keys: "g p" } },
  { path: "peers/$id", label: "Peer", component: PeerScreen },
  { path: "pairing", label: "Add a peer", component: PairingScreen },
  { path: "pairing/$id", label: "Pairing", component: PairingUnderWay },
  { path: "listeners", label: "Listeners", component: ListenersScreen, rail: { icon: Headphones, keys: "g l" } },
  { path: "endpoints", label: "Endpoints", component: EndpointsScreen, rail: { icon: DoorOpen, keys: "g i" } },
  { path: "refusals", label: "Refused requests", component: RefusalsScreen, rail: { icon: Ban, keys: "g r" } },
  { path: "keys", label: "API keys", component: KeysScreen, rail: { icon: KeyRound, keys: "g k" } },
  { path: "lab", label: "Lab", component: LabScreen, rail: { icon: FlaskConical, keys: "g b" } },
  { path: "settings", label: "Settings", component: SettingsScreen, rail: { icon: Settings, keys: "g ," } },
];
