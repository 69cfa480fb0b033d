import { Ban, DoorOpen, KeyRound, Radio, Settings } from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EndpointsScreen } from "./endpoints/endpoints-screen.tsx";
import { EventScreen } from "./event/event-screen.tsx";
import { KeysScreen } from "./keys/keys-screen.tsx";
import { RefusalsScreen } from "./refusals/refusals-screen.tsx";
import { SettingsScreen } from "./settings/settings-screen.tsx";
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
  { path: "endpoints", label: "Endpoints", component: EndpointsScreen, rail: { icon: DoorOpen, keys: "g i" } },
  { path: "refusals", label: "Refused requests", component: RefusalsScreen, rail: { icon: Ban, keys: "g r" } },
  { path: "keys", label: "API keys", component: KeysScreen, rail: { icon: KeyRound, keys: "g k" } },
  { path: "settings", label: "Settings", component: SettingsScreen, rail: { icon: Settings, keys: "g ," } },
];
