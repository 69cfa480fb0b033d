import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  redirect,
  useParams,
} from "@tanstack/react-router";
import { useEffect } from "react";
import { FIRST_SCREEN as home } from "../shared/screens.ts";
import { screens } from "./screens/index.ts";
import { LookedAt } from "./shell/console-context.tsx";
import { HubLink } from "./shell/hub-link.tsx";
import { Shell } from "./shell/shell.tsx";
import { EmptyState, ErrorState } from "./ui/state.tsx";

function HubFrame() {
  const { hub } = useParams({ strict: false }) as { hub: string };
  useEffect(() => {
    const idle = requestIdleCallback(() => {
      for (const { component } of screens) void component.preload?.();
    });
    return () => cancelIdleCallback(idle);
  }, []);
  return (
    <LookedAt key={hub} hub={hub}>
      <Shell screens={screens} />
    </LookedAt>
  );
}

function Nowhere() {
  return (
    <EmptyState title="There is no such screen">
      The address may be of another version. <HubLink to={home.path}>Go to {home.label}</HubLink>.
    </EmptyState>
  );
}

const root = createRootRoute({ component: Outlet, notFoundComponent: Nowhere });
const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: `/local/${home.path}` });
  },
});
const hub = createRoute({ getParentRoute: () => root, path: "/$hub", component: HubFrame });
const hubStart = createRoute({
  getParentRoute: () => hub,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: `/${(params as { hub: string }).hub}/${home.path}` });
  },
});
const pages = screens.map(({ path, component }) => createRoute({ getParentRoute: () => hub, path, component }));

/** Hash history: the same addresses in the app, in a browser and behind kite:// links. */
export const makeRouter = () =>
  createRouter({
    routeTree: root.addChildren([start, hub.addChildren([hubStart, ...pages])]),
    history: createHashHistory(),
    defaultErrorComponent: ({ error, reset }) => <ErrorState title="This screen broke" error={error} onRetry={reset} />,
    defaultNotFoundComponent: Nowhere,
  });
