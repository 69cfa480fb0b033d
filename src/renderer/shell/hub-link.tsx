import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Search, useHubId } from "./navigation.ts";

/** A link to a screen of the hub that is looked at. */
export function HubLink({
  to,
  search = {},
  className,
  children,
}: {
  to: string;
  search?: Search;
  className?: string | undefined;
  children: ReactNode;
}) {
  const hub = useHubId();
  return (
    <Link to={`/${hub}/${to}`} search={search as never} className={className}>
      {children}
    </Link>
  );
}
