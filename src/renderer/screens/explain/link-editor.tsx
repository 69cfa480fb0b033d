import { useState } from "react";
import { applyChanges, type Change, type MapLink, nameOf, type TopologyMap } from "../../../shared/debugger/index.ts";
import type { Selection } from "../../map/picture.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import styles from "./explain.module.css";
import { ExplainSearch } from "./search.ts";

const NONE = "";

/** Changes one link: its limit, its scopes, whether it is paused, or cuts it. */
export function LinkEditor({
  map,
  changes,
  selected,
  onChange,
}: {
  map: TopologyMap;
  changes: readonly Change[];
  selected: Selection | null;
  onChange: (change: Change) => void;
}) {
  const [, setSearch] = useScreenSearch(ExplainSearch);
  const links = map.links.filter(({ policy }) => policy !== null);
  const chosen = selected?.kind === "edge" ? selected.id : NONE;
  const now = applyChanges(map, changes).map.links.find(({ id }) => id === chosen);
  const options = links.map(({ id, from, to }) => ({ value: id, label: `${nameOf(map, from)} → ${nameOf(map, to)}` }));
  return (
    <section aria-label="Change a link">
      <h2 className={styles.subheading}>Change a link</h2>
      <Field label="Link" hint="Or select it on the map.">
        <Select
          value={now === undefined ? NONE : chosen}
          onValue={(id) => setSearch({ edge: id === NONE ? undefined : id, node: undefined })}
          options={[{ value: NONE, label: "Choose a link" }, ...options]}
        />
      </Field>
      {now === undefined ? null : now.policy === null ? (
        <p className={styles.quiet}>Nobody told this link's settings, so there is nothing to change.</p>
      ) : (
        <Settings key={JSON.stringify(now.policy)} link={now} onChange={onChange} />
      )}
    </section>
  );
}

function Settings({ link: { id, policy }, onChange }: { link: MapLink; onChange: (change: Change) => void }) {
  const [hops, setHops] = useState(String(policy?.maxHops ?? ""));
  const [scopes, setScopes] = useState((policy?.scopes ?? []).join(", "));
  const maxHops = Number(hops);
  const wrong = !Number.isInteger(maxHops) || maxHops < 1 || maxHops > 64;
  const status = policy?.status ?? "active";
  const read = scopes.split(/[\s,]+/).filter((scope) => scope !== "");
  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong && maxHops !== policy?.maxHops) onChange({ kind: "limits", link: id, maxHops });
        if (read.join() !== policy?.scopes.join()) onChange({ kind: "scopes", link: id, scopes: read });
      }}
    >
      <Field label="Hop limit" error={wrong ? "A whole number from 1 to 64." : null}>
        <Input inputMode="numeric" value={hops} onChange={({ target }) => setHops(target.value)} />
      </Field>
      <Field label="Scopes" hint="Types it lets through, * for all; with commas between.">
        <Input value={scopes} onChange={({ target }) => setScopes(target.value)} />
      </Field>
      <div className={styles.line}>
        <Button type="submit" disabled={wrong}>
          Try it
        </Button>
        <Button
          onClick={() => onChange({ kind: "status", link: id, status: status === "active" ? "paused" : "active" })}
        >
          {status === "active" ? "Try it paused" : "Try it active"}
        </Button>
        <Button look="danger" onClick={() => onChange({ kind: "cut", link: id })}>
          Try without it
        </Button>
      </div>
    </form>
  );
}
