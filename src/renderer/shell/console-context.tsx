import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import type { HubRef } from "../../shared/contract/index.ts";
import { type Hub, HubProvider, useHub } from "../data/hub.tsx";
import type { OpenTransport } from "../data/transport.ts";

interface Console {
  readonly open: OpenTransport;
  /** The hub that the console runs with; it alone knows of other hubs. */
  readonly own: Hub;
}

const ConsoleContext = createContext<Console | null>(null);

export function ConsoleProvider({ open, children }: { open: OpenTransport; children: ReactNode }) {
  return (
    <HubProvider id="local" open={open}>
      <WithOwn open={open}>{children}</WithOwn>
    </HubProvider>
  );
}

function WithOwn({ open, children }: { open: OpenTransport; children: ReactNode }) {
  const own = useHub();
  return <ConsoleContext value={{ open, own }}>{children}</ConsoleContext>;
}

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === null) throw new Error("This must stand inside ConsoleProvider.");
  return found;
}

/** The hub that the address names, for everything inside. */
export function LookedAt({ hub, children }: { hub: string; children: ReactNode }) {
  const { open } = useConsole();
  if (hub === "local") return children;
  return (
    <HubProvider id={hub} open={open}>
      {children}
    </HubProvider>
  );
}

const OWN: HubRef = { id: "local", name: "This hub", url: "", environment: "local", instanceId: null };

/** All hubs that can be looked at; this console's own even before anybody answered. */
export function useHubs(): readonly HubRef[] {
  const { own } = useConsole();
  const { data } = useQuery(own.query.hubs.list.queryOptions(), own.queries);
  return data ?? [OWN];
}
