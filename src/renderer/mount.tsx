import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { OpenTransport } from "./data/transport.ts";
import { makeRouter } from "./router.tsx";
import { ConsoleProvider } from "./shell/console-context.tsx";
import { applyTheme } from "./shell/theme.ts";
import { Toasts } from "./ui/toasts.tsx";
import { TooltipProvider } from "./ui/tooltip.tsx";
import "./ui/base.css";

/**
 * Puts the console into the page.
 * @param open how hubs are reached here
 * @param onOpen tells when something around the page wants a path on screen
 */
export function mount(
  element: Element,
  open: OpenTransport,
  onOpen: (show: (path: string) => void) => unknown = () => undefined,
): void {
  applyTheme();
  const router = makeRouter();
  onOpen((path) => router.history.push(path));
  createRoot(element).render(
    <StrictMode>
      <TooltipProvider>
        <ConsoleProvider open={open}>
          <RouterProvider router={router} />
        </ConsoleProvider>
        <Toasts />
      </TooltipProvider>
    </StrictMode>,
  );
}
