/**
 * Every screen of the console, in the order of its navigation; the first is where the console opens. Rail, palette, keys,
 * the app's menu and its links all read this list. `path` stands behind `/<hub>/`, with `$name` for a parameter; `keys` go
 * there from anywhere, and are null for what is reached from other screens only; `within` is the screen it is a part of where
 * its path does not say so.
 */
export const SCREENS = [
  { path: "overview", label: "Overview", keys: "g h" },
  { path: "topology", label: "Topology", keys: "g t" },
  { path: "stream", label: "Stream", keys: "g s" },
  { path: "event/$seq", label: "Event", keys: null, within: "stream" },
  { path: "outbox", label: "Outbox", keys: "g o" },
  { path: "outbox/$id", label: "Outbox", keys: null },
  { path: "explain", label: "Explain", keys: "g e" },
  { path: "peers", label: "Peers", keys: "g p" },
  { path: "peers/$id", label: "Peer", keys: null },
  { path: "pairing", label: "Add a peer", keys: null, within: "peers" },
  { path: "pairing/$id", label: "Pairing", keys: null, within: "peers" },
  { path: "listeners", label: "Listeners", keys: "g l" },
  { path: "endpoints", label: "Endpoints", keys: "g i" },
  { path: "refusals", label: "Refused requests", keys: "g r" },
  { path: "keys", label: "API keys", keys: "g k" },
  { path: "lab", label: "Lab", keys: "g b" },
  { path: "settings", label: "Settings", keys: "g ," },
] as const;

type Listed = (typeof SCREENS)[number];
export type ScreenPath = Listed["path"];

/** A screen that the navigation leads to. */
export type MainScreen = Extract<Listed, { readonly keys: string }>;
export const MAIN_SCREENS: readonly MainScreen[] = SCREENS.filter(
  (screen): screen is MainScreen => screen.keys !== null,
);

/** One of them, perhaps with search parameters. */
export type ScreenAddress = MainScreen["path"] | `${MainScreen["path"]}?${string}`;

/** Where the console opens. */
export const FIRST_SCREEN = SCREENS[0];
