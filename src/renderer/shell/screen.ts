import type { RouteComponent } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";

/** A screen of the console: one line in the table of src/renderer/screens/index.ts. */
export interface Screen {
  /** Behind `/<hub>/`; `$name` stands for a parameter. */
  readonly path: string;
  readonly label: string;
  readonly component: RouteComponent;
  /** Only screens of the rail have one; `keys` as in `g s`. */
  readonly rail?: { readonly icon: LucideIcon; readonly keys: string };
}
