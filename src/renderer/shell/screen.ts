import type { LucideIcon } from "lucide-react";
import type { FunctionComponent } from "react";
import type { z } from "zod";

/** A screen of the console: one line in the table of src/renderer/screens/index.ts. */
export interface Screen {
  /** Behind `/<hub>/`; `$name` stands for a parameter. */
  readonly path: string;
  readonly label: string;
  /** Search parameters, each with a default, so that a link may leave them out. */
  readonly search?: z.ZodType<Record<string, unknown>>;
  readonly component: FunctionComponent;
  /** Only screens of the rail have one; `keys` as in `g s`. */
  readonly rail?: { readonly icon: LucideIcon; readonly keys: string };
}
