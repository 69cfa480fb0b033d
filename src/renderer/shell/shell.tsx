import { Link, Outlet, useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { Command as CommandIcon, Keyboard, Moon, Sun, SunMoon, Wind } from "lucide-react";
import { useEffect, useState } from "react";
import { needsAPerson } from "../../shared/console-close.ts";
import { FIRST_SCREEN } from "../../shared/screens.ts";
import { useConnection, useHead, useHubState } from "../data/hub.tsx";
import { IconButton } from "../ui/button.tsx";
import { StateMark } from "../ui/mark.tsx";
import { countWords } from "../ui/time-words.ts";
import { ConnectionBanner } from "./banner.tsx";
import { HubBand } from "./hub-band.tsx";
import { HubSwitcher } from "./hub-switcher.tsx";
import { KeyMap } from "./key-map.tsx";
import { useActions, useKeyboard } from "./keyboard/use-actions.ts";
import { useHubId } from "./navigation.ts";
import { Palette } from "./palette.tsx";
import type { Screen } from "./screen.ts";
import styles from "./shell.module.css";
import { nextTheme, setTheme, useTheme } from "./theme.ts";

/** The frame of every screen: the way to the others, which hub it is, and how the line to it is. */
export function Shell({ screens }: { screens: readonly Screen[] }) {
  const hub = useHubId();
  const navigate = useNavigate();
  const router = useRouter();
  const theme = useTheme();
  const [overlay, setOverlay] = useState<"palette" | "keys" | null>(null);
  const close = (): void => setOverlay(null);
  const { title, within } = useShown(screens);
  // Never out of the console: what was opened by a link goes to the first screen.
  const back = (): void => {
    if (router.history.canGoBack()) router.history.back();
    else void navigate({ to: `/${hub}/${FIRST_SCREEN.path}` });
  };
  useKeyboard();

  useActions(
    [
      {
        id: "palette",
        group: "General",
        label: "Command palette",
        keys: "mod+k",
        palette: false,
        run: () => setOverlay("palette"),
      },
      { id: "keys", group: "General", label: "Show the keys", keys: "?", run: () => setOverlay("keys") },
      { id: "back", group: "General", label: "Back", keys: "Escape", palette: false, run: back },
      { id: "theme", group: "General", label: "Next theme", palette: false, run: nextTheme },
      ...(["system", "dark", "light"] as const).map((each) => ({
        id: `theme.${each}`,
        group: "General",
        label: each === "system" ? "Theme of the system" : `${each === "dark" ? "Dark" : "Light"} theme`,
        run: () => setTheme(each),
      })),
      ...screens.flatMap(({ path, label, rail }) =>
        rail === undefined
          ? []
          : [
              {
                id: `go.${path}`,
                group: "Go to",
                label,
                keys: rail.keys,
                run: () => void navigate({ to: `/${hub}/${path}` }),
              },
            ],
      ),
    ],
    true,
  );

  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={skipToMain}>
        Skip to the screen
      </button>
      <HubBand />
      <nav className={styles.rail} aria-label="Screens">
        <div className={styles.brand}>
          <Wind aria-hidden="true" />
          <span className={styles.label}>Kite</span>
        </div>
        <ul className={styles.links}>
          {screens.map(({ path, label, rail }) =>
            rail === undefined ? null : (
              <li key={path}>
                <Link
                  to={`/${hub}/${path}`}
                  className={styles.link}
                  title={label}
                  aria-current={path === within ? "page" : undefined}
                  activeOptions={{ includeSearch: false }}
                >
                  <rail.icon aria-hidden="true" />
                  <span className={styles.label}>{label}</span>
                  <span className={styles.keys} aria-hidden="true">
                    {rail.keys}
                  </span>
                </Link>
              </li>
            ),
          )}
        </ul>
      </nav>
      <header className={styles.header}>
        <h1 className={styles.title}>{title}</h1>
        <div className={styles.space} />
        <Status />
        <HubSwitcher />
        <IconButton label="Command palette" keys="mod+k" onClick={() => setOverlay("palette")}>
          <CommandIcon />
        </IconButton>
        <IconButton label="Keys" keys="?" onClick={() => setOverlay("keys")}>
          <Keyboard />
        </IconButton>
        <IconButton label={`Theme: ${theme}`} onClick={nextTheme}>
          {theme === "dark" ? <Moon /> : theme === "light" ? <Sun /> : <SunMoon />}
        </IconButton>
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        <ConnectionBanner />
        <div className={styles.screen}>
          <Outlet />
        </div>
      </main>
      <Palette open={overlay === "palette"} onClose={close} />
      <KeyMap open={overlay === "keys"} onClose={close} />
    </div>
  );
}

/** A link to #main would be taken for an address of the router. */
function skipToMain(): void {
  document.getElementById("main")?.focus();
}

/** The title of the screen that is shown, and the screen of the rail that it is a part of. */
function useShown(screens: readonly Screen[]): { readonly title: string; readonly within: string } {
  const path = useRouterState({ select: ({ location }) => location.pathname.split("/")[2] ?? "" });
  const shown = screens.find((screen) => screen.path.split("/")[0] === path);
  const title = shown?.label ?? "Kite";
  useEffect(() => {
    document.title = `${title} · Kite`;
  }, [title]);
  return { title, within: shown?.within ?? path };
}

function Head() {
  const head = useHead();
  return <span>{head === 1 ? "1 event" : `${countWords(head)} events`}</span>;
}

function Status() {
  const connection = useConnection();
  const state = useHubState();
  if (connection.phase === "reconnecting" && needsAPerson(connection.code))
    return (
      <span className={styles.status}>
        <StateMark tone="fail" shape="cross">
          Not connected
        </StateMark>
      </span>
    );
  if (connection.phase !== "connected" || state === null)
    return (
      <span className={styles.status}>
        <StateMark tone="wait" shape="clock">
          {connection.phase === "reconnecting" ? "Reconnecting" : "Connecting"}
        </StateMark>
      </span>
    );
  return (
    <span className={styles.status}>
      <StateMark tone={state.phase === "running" ? "ok" : "wait"} shape={state.phase === "running" ? "dot" : "warning"}>
        {state.phase === "running" ? "Connected" : state.phase}
      </StateMark>
      <Head />
    </span>
  );
}
