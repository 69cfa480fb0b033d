import { House, Radio, Send } from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EventScreen } from "./event/event-screen.tsx";
import { EntryScreen } from "./outbox/entry-screen.tsx";
import { OutboxScreen } from "./outbox/outbox-screen.tsx";
import { OverviewScreen } from "./overview/overview-screen.tsx";
import { StreamScreen } from "./stream/stream-screen.tsx";

/** Every screen, in the order of the rail; the first is where the console opens. One line adds a screen. */
export const screens: readonly Screen[] = [
  {
    path: "overview",
    label: "Overview",
    component: OverviewScreen,
    rail: { icon: House, keys: "g h" },
  },
  {
    path: "stream",
    label: "Stream",
    component: StreamScreen,
    rail: { icon: Radio, keys: "g s" },
  },
  { path: "event/$seq", label: "Event", component: EventScreen },
  {
    path: "outbox",
    label: "Outbox",
    component: OutboxScreen,
    rail: { icon: Send, keys: "g o" },
  },
  { path: "outbox/$id", label: "Outbox", component: EntryScreen },
];
