import { House, Radio, Send } from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EventScreen } from "./event/event-screen.tsx";
import { EventSearch } from "./event/search.ts";
import { EntryScreen } from "./outbox/entry-screen.tsx";
import { OutboxScreen } from "./outbox/outbox-screen.tsx";
import { OutboxSearch } from "./outbox/search.ts";
import { OverviewScreen } from "./overview/overview-screen.tsx";
import { OverviewSearch } from "./overview/search.ts";
import { StreamSearch } from "./stream/search.ts";
import { StreamScreen } from "./stream/stream-screen.tsx";

/** Every screen, in the order of the rail; the first is where the console opens. One line adds a screen. */
export const screens: readonly Screen[] = [
  {
    path: "overview",
    label: "Overview",
    component: OverviewScreen,
    search: OverviewSearch,
    rail: { icon: House, keys: "g h" },
  },
  {
    path: "stream",
    label: "Stream",
    component: StreamScreen,
    search: StreamSearch,
    rail: { icon: Radio, keys: "g s" },
  },
  { path: "event/$seq", label: "Event", component: EventScreen, search: EventSearch },
  {
    path: "outbox",
    label: "Outbox",
    component: OutboxScreen,
    search: OutboxSearch,
    rail: { icon: Send, keys: "g o" },
  },
  { path: "outbox/$id", label: "Outbox", component: EntryScreen },
];
