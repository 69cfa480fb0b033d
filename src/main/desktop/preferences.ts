import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

const Rectangle = z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) });

const Preferences = z.object({
  window: Rectangle.extend({ maximized: z.boolean() }).nullable().catch(null).default(null),
  notifications: z.boolean().catch(true).default(true),
  /** That closing the window leaves the hub running was said. */
  toldAboutHiding: z.boolean().catch(false).default(false),
});
export type Preferences = z.infer<typeof Preferences>;

/** What the app remembers about itself on this machine: a small file beside the data. Damage costs the memory only. */
export class PreferenceFile {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  #current: Preferences;

  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path;
    this.#onError = onError;
    this.#current = read(path);
  }

  get current(): Preferences {
    return this.#current;
  }

  update(change: Partial<Preferences>): void {
    this.#current = { ...this.#current, ...change };
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      // Written beside and moved, so that a crash leaves the old one.
      writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#current, null, 2)}\n`);
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function read(path: string): Preferences {
  try {
    return Preferences.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return Preferences.parse({});
  }
}
