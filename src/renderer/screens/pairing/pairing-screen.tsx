import { useActions } from "../../shell/keyboard/use-actions.ts";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Tabs } from "../../ui/tabs.tsx";
import { ByHand } from "./by-hand.tsx";
import { KiteServer } from "./kite-server.tsx";
import { MakeLink } from "./make-link.tsx";
import { OpenLink } from "./open-link.tsx";
import styles from "./pairing.module.css";
import { PairingSearch, WAYS } from "./search.ts";
import { UnderWay } from "./under-way-list.tsx";

const isWay = (value: string): value is (typeof WAYS)[number] => WAYS.some((way) => way === value);
const LABELS = { hub: "Kite Desktop hub", kite: "Kite server", hand: "By hand" };

/** Three ways to a new peer. */
export function PairingScreen() {
  const go = useGo();
  const [{ way, link }, setSearch] = useScreenSearch(PairingSearch);
  useActions([
    {
      id: "pairing.back",
      group: "Pairing",
      label: "Back to the peers",
      keys: "Escape",
      palette: false,
      run: () => go("peers"),
    },
    ...WAYS.map((each, at) => ({
      id: `pairing.${each}`,
      group: "Pairing",
      label: `Add a ${LABELS[each]}`,
      keys: String(at + 1),
      run: () => setSearch({ way: each }),
    })),
  ]);
  return (
    <div className={styles.screen}>
      <header className={styles.head}>
        <p>A peer is another hub that events go to, come from, or both.</p>
      </header>
      <Tabs
        label="Ways to add a peer"
        value={way}
        onValue={(id) => (isWay(id) ? setSearch({ way: id }) : undefined)}
        tabs={[
          {
            id: "hub",
            label: LABELS.hub,
            body: (
              <div className={styles.body}>
                <UnderWay />
                <div className={styles.two}>
                  <MakeLink />
                  <OpenLink key={link} given={link} />
                </div>
              </div>
            ),
          },
          { id: "kite", label: LABELS.kite, body: <KiteServer /> },
          { id: "hand", label: LABELS.hand, body: <ByHand /> },
        ]}
      />
    </div>
  );
}
