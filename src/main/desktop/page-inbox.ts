import { CHANNELS, type Command } from "../../shared/desktop/index.ts";

/** What the page is to be told: kept until it listens, and again whenever it goes away. */
export class PageInbox {
  readonly #send: (channel: string, value: unknown) => void;
  #path: string | null = null;
  readonly #commands: Command[] = [];
  #listening = false;

  constructor(send: (channel: string, value: unknown) => void) {
    this.#send = send;
  }

  /** This path is to be on screen. Of those that wait, only the last one is worth showing. */
  open(path: string): void {
    this.#path = path;
    this.#flush();
  }

  command(command: Command): void {
    this.#commands.push(command);
    this.#flush();
  }

  /** The page listens now. */
  listens(): void {
    this.#listening = true;
    this.#flush();
  }

  /** The page is gone, or another one loads in its place. */
  gone(): void {
    this.#listening = false;
  }

  #flush(): void {
    if (!this.#listening) return;
    if (this.#path !== null) this.#send(CHANNELS.open, this.#path);
    this.#path = null;
    for (const command of this.#commands.splice(0)) this.#send(CHANNELS.command, command);
  }
}
