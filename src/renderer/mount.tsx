import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { desktop } from "./data/desktop.ts";
import type { OpenTransport } from "./data/transport.ts";
import { makeRouter } from "./router.tsx";
import { joinApp } from "./shell/app-link.ts";
import { ConsoleProvider } from "./shell/console-context.tsx";
import { actions } from "./shell/keyboard/use-actions.ts";
import { applyTheme } from "./shell/theme.ts";
import { Toasts, toast } from "./ui/toasts.tsx";
import { TooltipProvider } from "./ui/tooltip.tsx";
import "./ui/base.css";

/** Puts the console into the page. @param open how hubs are reached here */
export function mount(element: Element, open: OpenTransport): void {
  applyTheme();
  const router = makeRouter();
  const app = desktop();
  if (app !== null) joinApp(app, router, actions, toast.note);
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
