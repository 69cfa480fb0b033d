import type { RouteComponent } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";

/** A screen of the console: one of src/shared/screens.ts, with what shows it. */
export interface Screen {
  /** Behind `/<hub>/`; `$name` stands for a parameter. */
  readonly path: string;
  readonly label: string;
  readonly component: RouteComponent;
  /** Only screens of the rail have one; `keys` as in `g s`. */
  readonly rail?: { readonly icon: LucideIcon; readonly keys: string };
}
