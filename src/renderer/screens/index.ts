import { Network, Radio, Waypoints } from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EventScreen } from "./event/event-screen.tsx";
import { ExplainScreen } from "./explain/explain-screen.tsx";
import { StreamScreen } from "./stream/stream-screen.tsx";
import { TopologyScreen } from "./topology/topology-screen.tsx";

/** Every screen, in the order of the rail; the first is where the console opens. One line adds a screen. */
export const screens: readonly Screen[] = [
  {
    path: "stream",
    label: "Stream",
    component: StreamScreen,
    rail: { icon: Radio, keys: "g s" },
  },
  { path: "event/$seq", label: "Event", component: EventScreen },
  {
    path: "topology",
    label: "Topology",
    component: TopologyScreen,
    rail: { icon: Network, keys: "g t" },
  },
  {
    path: "explain",
    label: "Explain",
    component: ExplainScreen,
    rail: { icon: Waypoints, keys: "g e" },
  },
];
