/** Something that can be done now: by its keys, from the palette, and listed in the key map. */
export interface Action {
  /** Unique, as in `stream.pause`. Of a screen's actions the one that was registered last wins its keys. */
  readonly id: string;
  /** The heading it stands under. */
  readonly group: string;
  /** What it does, in sentence case. */
  readonly label: string;
  /** `.`, `mod+k`, or one after the other: `g s`. */
  readonly keys?: string;
  /** False keeps it out of the palette; it stays in the key map. */
  readonly palette?: boolean;
  /** More words by which the palette finds it. */
  readonly words?: string;
  readonly run: () => void;
}

interface Offer {
  readonly actions: readonly Action[];
  readonly everywhere: boolean;
}

const SEQUENCE_TIME = 1_200;

type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

/** A key press as actions write it. */
export function pressName({ key, ctrlKey, metaKey, altKey }: KeyPress): string {
  if (ctrlKey || metaKey) return `mod+${key.toLowerCase()}`;
  return altKey ? `alt+${key.toLowerCase()}` : key;
}

/** The one place that knows all actions and keys. */
export class ActionRegistry {
  readonly #sets = new Map<object, Offer>();
  readonly #listeners = new Set<() => void>();
  #all: readonly Action[] = [];
  #started = "";
  #startedAt = 0;

  /**
   * Puts in a screen's actions, or takes new ones in place of its earlier ones.
   * @param everywhere true for those that give way to any screen's, whoever came last
   */
  put(owner: object, actions: readonly Action[], everywhere = false): void {
    const before = this.#sets.get(owner);
    this.#sets.set(owner, { actions, everywhere });
    if (before === undefined || shapeOf(before.actions) !== shapeOf(actions)) this.#tell();
    else this.#all = this.#collect();
  }

  remove(owner: object): void {
    if (this.#sets.delete(owner)) this.#tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Every action once; where two have one id or the same keys, the newer. */
  readonly all = (): readonly Action[] => this.#all;

  byId(id: string): Action | undefined {
    return this.#all.find((action) => action.id === id);
  }

  /**
   * Takes a key press.
   * @param at milliseconds; two steps of one sequence must follow each other closely
   * @returns true when it meant something
   */
  press(press: KeyPress, at: number): boolean {
    const name = pressName(press);
    const started = at - this.#startedAt < SEQUENCE_TIME ? this.#started : "";
    this.#started = "";
    const keys = started === "" ? name : `${started} ${name}`;
    const action = this.#all.find((each) => each.keys === keys);
    if (action !== undefined) {
      action.run();
      return true;
    }
    if (started === "" && this.#all.some((each) => each.keys?.startsWith(`${name} `) === true)) {
      this.#started = name;
      this.#startedAt = at;
      return true;
    }
    return false;
  }

  #collect(): readonly Action[] {
    const ids = new Set<string>();
    const keys = new Set<string>();
    const newestFirst = [...this.#sets.values()]
      .reverse()
      .sort((a, b) => Number(a.everywhere) - Number(b.everywhere))
      .flatMap(({ actions }) => actions);
    return newestFirst.filter((action) => {
      if (ids.has(action.id) || (action.keys !== undefined && keys.has(action.keys))) return false;
      ids.add(action.id);
      if (action.keys !== undefined) keys.add(action.keys);
      return true;
    });
  }

  #tell(): void {
    this.#all = this.#collect();
    for (const listener of this.#listeners) listener();
  }
}

const shapeOf = (actions: readonly Action[]): string =>
  actions.map(({ id, label, keys, palette }) => `${id}|${label}|${keys}|${palette}`).join("\n");

/** Groups that are everywhere, in the order in which they come after what belongs to the screen. */
const EVERYWHERE = ["Go to", "Hubs", "General"];

/** Actions under their headings: first what can be done on this screen, then what can be done anywhere. */
export function byGroup(actions: readonly Action[]): readonly (readonly [group: string, actions: readonly Action[]])[] {
  const groups = new Map<string, Action[]>();
  for (const action of actions) {
    const group = groups.get(action.group);
    if (group === undefined) groups.set(action.group, [action]);
    else group.push(action);
  }
  const place = (group: string): number => EVERYWHERE.indexOf(group);
  return [...groups].sort(([a], [b]) => place(a) - place(b));
}
