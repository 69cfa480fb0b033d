import { lazyRouteComponent as lazy, type RouteComponent } from "@tanstack/react-router";
import {
  Ban,
  DoorOpen,
  FlaskConical,
  Headphones,
  House,
  KeyRound,
  type LucideIcon,
  Network,
  Radio,
  Send,
  Settings,
  Users,
  Waypoints,
} from "lucide-react";
import { type MainScreen, SCREENS, type ScreenPath } from "../../shared/screens.ts";
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

/** What shows each screen of the list, and its icon where the rail leads to it. */
const SHOWN: { readonly [P in ScreenPath]: Shown<P> } = {
  overview: { component: OverviewScreen, icon: House },
  topology: { component: TopologyScreen, icon: Network },
  stream: { component: StreamScreen, icon: Radio },
  "event/$seq": { component: EventScreen },
  outbox: { component: OutboxScreen, icon: Send },
  "outbox/$id": { component: EntryScreen },
  explain: { component: ExplainScreen, icon: Waypoints },
  peers: { component: PeersScreen, icon: Users },
  "peers/$id": { component: PeerScreen },
  pairing: { component: PairingScreen },
  "pairing/$id": { component: PairingUnderWay },
  listeners: { component: ListenersScreen, icon: Headphones },
  endpoints: { component: EndpointsScreen, icon: DoorOpen },
  refusals: { component: RefusalsScreen, icon: Ban },
  keys: { component: KeysScreen, icon: KeyRound },
  lab: { component: LabScreen, icon: FlaskConical },
  settings: { component: SettingsScreen, icon: Settings },
};

type Shown<P extends ScreenPath> = P extends MainScreen["path"]
  ? { readonly component: RouteComponent; readonly icon: LucideIcon }
  : { readonly component: RouteComponent };

export const screens: readonly Screen[] = SCREENS.map((screen) => {
  const { path, label, keys } = screen;
  const shown: Shown<MainScreen["path"]> | Shown<ScreenPath> = SHOWN[path];
  const rail = keys !== null && "icon" in shown ? { rail: { icon: shown.icon, keys } } : {};
  const within = "within" in screen ? { within: screen.within } : {};
  return { path, label, component: shown.component, ...within, ...rail };
});
