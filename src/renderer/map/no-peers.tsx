import type { ReactNode } from "react";
import { useGo } from "../shell/navigation.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/state.tsx";

/** This hub is alone on its map: says what will be seen here, and leads to pairing. */
export function NoPeers({ children }: { children: ReactNode }) {
  const go = useGo();
  return (
    <EmptyState title="This hub has no peers yet">
      <p>{children}</p>
      <Button look="primary" onClick={() => go("pairing")}>
        Pair with another hub
      </Button>
    </EmptyState>
  );
}
