import { Headphones, Radio, Users } from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EventScreen } from "./event/event-screen.tsx";
import { ListenersScreen } from "./listeners/listeners-screen.tsx";
import { PairingScreen } from "./pairing/pairing-screen.tsx";
import { PairingUnderWay } from "./pairing/pairing-under-way.tsx";
import { PeerScreen } from "./peers/peer-screen.tsx";
import { PeersScreen } from "./peers/peers-screen.tsx";
import { StreamScreen } from "./stream/stream-screen.tsx";

/** Every screen, in the order of the rail; the first is where the console opens. One line adds a screen. */
export const screens: readonly Screen[] = [
  {
    path: "stream",
    label: "Stream",
    component: StreamScreen,
    rail: { icon: Radio, keys: "g s" },
  },
  { path: "event/$seq", label: "Event", component: EventScreen },
  { path: "peers", label: "Peers", component: PeersScreen, rail: { icon: Users, keys: "g p" } },
  { path: "peers/$id", label: "Peer", component: PeerScreen },
  { path: "pairing", label: "Add a peer", component: PairingScreen },
  { path: "pairing/$id", label: "Pairing", component: PairingUnderWay },
  { path: "listeners", label: "Listeners", component: ListenersScreen, rail: { icon: Headphones, keys: "g l" } },
];
