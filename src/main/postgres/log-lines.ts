const KEPT = 50;

/** Cuts what a program prints into lines, keeps the last 50 and hands each on. */
export class LogLines {
  readonly last: string[] = [];
  /** When something was printed last, in the milliseconds of `performance.now()`. */
  heardAt = performance.now();
  #partial = "";
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Takes the next piece of output. */
  push(text: string): void {
    this.heardAt = performance.now();
    const lines = (this.#partial + text).split(/\r?\n/);
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** Takes what stands without an end of line. */
  flush(): void {
    this.#line(this.#partial);
    this.#partial = "";
  }

  #line(line: string): void {
    if (line === "") return;
    this.last.push(line);
    if (this.last.length > KEPT) this.last.shift();
    this.#log(line);
  }
}
