import { FlaskConical, Radio } from "lucide-react";
import type { Screen } from "../shell/screen.ts";
import { EventScreen } from "./event/event-screen.tsx";
import { LabScreen } from "./lab/lab-screen.tsx";
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
  { path: "lab", label: "Lab", component: LabScreen, rail: { icon: FlaskConical, keys: "g b" } },
];
