import { lazyRouteComponent as lazy } from "@tanstack/react-router";
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

// A chunk for each, loaded when it is first looked at or when there is nothing else to do.
const EndpointsScreen = lazy(() => import("./endpoints/endpoints-screen.tsx"), "EndpointsScreen");
const EventScreen = lazy(() => import("./event/event-screen.tsx"), "EventScreen");
const ExplainScreen = lazy(() => import("./explain/explain-screen.tsx"), "ExplainScreen");
const KeysScreen = lazy(() => import("./keys/keys-screen.tsx"), "KeysScreen");
const LabScreen = lazy(() => import("./lab/lab-screen.tsx"), "LabScreen");
const ListenersScreen = lazy(() => import("./listeners/listeners-screen.tsx"), "ListenersScreen");
const EntryScreen = lazy(() => import("./outbox/entry-screen.tsx"), "EntryScreen");
const OutboxScreen = lazy(() => import("./outbox/outbox-screen.tsx"), "OutboxScreen");
const OverviewScreen = lazy(() => import("./overview/overview-screen.tsx"), "OverviewScreen");
const PairingScreen = lazy(() => import("./pairing/pairing-screen.tsx"), "PairingScreen");
const PairingUnderWay = lazy(() => import("./pairing/pairing-under-way.tsx"), "PairingUnderWay");
const PeerScreen = lazy(() => import("./peers/peer-screen.tsx"), "PeerScreen");
const PeersScreen = lazy(() => import("./peers/peers-screen.tsx"), "PeersScreen");
const RefusalsScreen = lazy(() => import("./refusals/refusals-screen.tsx"), "RefusalsScreen");
const SettingsScreen = lazy(() => import("./settings/settings-screen.tsx"), "SettingsScreen");
const StreamScreen = lazy(() => import("./stream/stream-screen.tsx"), "StreamScreen");
const TopologyScreen = lazy(() => import("./topology/topology-screen.tsx"), "TopologyScreen");

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
