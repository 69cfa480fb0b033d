import { lazyRouteComponent as lazy } from "@tanstack/react-router";
import { House, Radio, Send } from "lucide-react";
import type { Screen } from "../shell/screen.ts";

// A chunk for each, loaded when it is first looked at or when there is nothing else to do.
const EntryScreen = lazy(() => import("./outbox/entry-screen.tsx"), "EntryScreen");
const EventScreen = lazy(() => import("./event/event-screen.tsx"), "EventScreen");
const OutboxScreen = lazy(() => import("./outbox/outbox-screen.tsx"), "OutboxScreen");
const OverviewScreen = lazy(() => import("./overview/overview-screen.tsx"), "OverviewScreen");
const StreamScreen = lazy(() => import("./stream/stream-screen.tsx"), "StreamScreen");

/** Every screen, in the order of the rail; the first is where the console opens. One line adds a screen. */
export const screens: readonly Screen[] = [
  { path: "overview", label: "Overview", component: OverviewScreen, rail: { icon: House, keys: "g h" } },
  { path: "stream", label: "Stream", component: StreamScreen, rail: { icon: Radio, keys: "g s" } },
  { path: "event/$seq", label: "Event", component: EventScreen },
  { path: "outbox", label: "Outbox", component: OutboxScreen, rail: { icon: Send, keys: "g o" } },
  { path: "outbox/$id", label: "Outbox", component: EntryScreen },
];
