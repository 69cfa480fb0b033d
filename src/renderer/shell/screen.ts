import type { RouteComponent } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";

/** A screen of the console: one of src/shared/screens.ts, with what shows it. */
export interface Screen {
  /** Behind `/<hub>/`; `$name` stands for a parameter. */
  readonly path: string;
  readonly label: string;
  readonly component: RouteComponent;
  /** The screen of the rail that it is a part of, where its path does not say so. */
  readonly within?: string;
  /** Only screens of the rail have one; `keys` as in `g s`. */
  readonly rail?: { readonly icon: LucideIcon; readonly keys: string };
}
