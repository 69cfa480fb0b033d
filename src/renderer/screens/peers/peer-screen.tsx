import { useGo, useParam } from "../../shell/navigation.ts";
import { PeerDetail } from "./peer-detail.tsx";

/** One peer on a screen of its own. */
export function PeerScreen() {
  const go = useGo();
  const id = useParam("id");
  return <PeerDetail key={id} id={id} docked={false} onClose={() => go("peers")} />;
}
