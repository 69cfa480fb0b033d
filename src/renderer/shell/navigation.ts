import { useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { z } from "zod";

export type Search = Readonly<Record<string, unknown>>;

/** The hub that is looked at, as the address names it. */
export const useHubId = (): string => (useParams({ strict: false }) as { hub?: string }).hub ?? "local";

export const useParam = (name: string): string => (useParams({ strict: false }) as Record<string, string>)[name] ?? "";

/** Goes to a screen of the hub that is looked at: `go("stream", { q: "type:a" })`. */
export function useGo(): (path: string, search?: Search) => void {
  const navigate = useNavigate();
  const hub = useHubId();
  return useCallback((path, search = {}) => void navigate({ to: `/${hub}/${path}`, search }), [navigate, hub]);
}

/**
 * The search parameters of this screen, read by its schema, and the way to change some of them. A change takes the
 * place of the address it was made at, unless it is `pushed`, so that Back leaves the screen and not the last letter.
 */
export function useScreenSearch<T extends z.ZodType<Record<string, unknown>>>(
  schema: T,
): [z.infer<T>, (change: Partial<z.infer<T>>, how?: "pushed") => void] {
  const raw = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Partial<z.infer<T>>, how?: "pushed") => {
      const search = (now: Record<string, unknown>): Record<string, unknown> => {
        const next = { ...now, ...change };
        return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ""));
      };
      void navigate({ to: ".", search: search as never, replace: how !== "pushed" });
    },
    [navigate],
  );
  return [schema.parse(raw), set];
}

/** Is there such a screen? What leads to one that this console does not have is not offered. */
export const useHasScreen = (path: string): boolean => Object.hasOwn(useRouter().routesByPath, `/$hub/${path}`);
