import { useEffect, useMemo, useState } from "react";
import { layOut, type Placed } from "./layout.ts";
import type { Picture } from "./picture.ts";
import { shapesOf } from "./shapes.ts";

export interface Layout {
  readonly placed: Placed | null;
  readonly error: unknown;
}

/** The layout of a picture. It is made anew only when an instance, a link or the size of a label is another. */
export function useLayout(picture: Picture): Layout {
  const key = useMemo(() => JSON.stringify(shapesOf(picture)), [picture]);
  const [layout, setLayout] = useState<Layout>({ placed: null, error: null });
  useEffect(() => {
    let wanted = true;
    layOut(JSON.parse(key)).then(
      (placed) => (wanted ? setLayout({ placed, error: null }) : undefined),
      (error: unknown) => (wanted ? setLayout({ placed: null, error }) : undefined),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return layout;
}
