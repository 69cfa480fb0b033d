import type { LabView } from "../../../shared/contract/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { StateMark } from "../../ui/mark.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import styles from "./lab.module.css";
import { LinkFault } from "./link-fault.tsx";
import { lookOfLink } from "./link-look.ts";
import type { LabInUse } from "./use-lab.ts";

/** Every link with what became of its copies; the chosen one opens to be broken and healed. */
export function LinksPart({
  lab,
  use,
  chosen,
  onChoose,
}: {
  lab: LabView;
  use: LabInUse;
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}) {
  const { links } = lab;
  const at = links.findIndex(({ id }) => id === chosen);
  const link = links[at];
  const move = (by: number): void => onChoose(links[(at + by + links.length) % links.length]?.id);
  const broken = links.filter(({ fault, paused }) => fault !== null || paused).length;
  useActions([
    { id: "lab.link.next", group: "Lab", label: "Next link", keys: "j", palette: false, run: () => move(1) },
    {
      id: "lab.link.previous",
      group: "Lab",
      label: "Previous link",
      keys: "k",
      palette: false,
      run: () => move(at === -1 ? 0 : -1),
    },
    ...links.flatMap(({ id, from, to, fault }) =>
      fault === null
        ? [
            {
              id: `lab.down.${id}`,
              group: "Lab",
              label: `Take ${from} → ${to} down`,
              words: `break fault ${id}`,
              run: () => use.take({ do: "fault", link: id, fault: { kind: "down" } }),
            },
          ]
        : [
            {
              id: `lab.heal.${id}`,
              group: "Lab",
              label: `Heal ${from} → ${to}`,
              words: `mend fault ${id}`,
              run: () => use.take({ do: "heal", link: id }),
            },
          ],
    ),
  ]);
  return (
    <section className={styles.part} aria-labelledby="lab-links">
      <header className={styles.partHead}>
        <h2 id="lab-links">Links</h2>
        <span className={styles.faint}>
          {broken === 0 ? `${countOf(links.length, "link")}, none broken` : `${broken} of ${links.length} broken`}
        </span>
      </header>
      <ul className={styles.linkList}>
        {links.map((each) => {
          const look = lookOfLink(each);
          return (
            <li key={each.id}>
              <button
                type="button"
                className={styles.link}
                aria-expanded={each.id === chosen}
                data-link-row={each.id}
                onClick={() => onChoose(each.id === chosen ? undefined : each.id)}
              >
                <b>
                  {each.from} → {each.to}
                </b>
                <StateMark tone={look.tone === "ok" ? "idle" : look.tone} shape={look.shape}>
                  {look.mark ?? "works"}
                </StateMark>
                <span className={styles.number} title="Deliveries that were tried over the link">
                  {countOf(each.requests, "request")}
                </span>
                <span className={styles.number}>{countWords(each.delivered)} delivered</span>
              </button>
              {each.id === link?.id ? (
                <LinkFault key={each.id} link={each} busy={lab.state === "running"} use={use} />
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
