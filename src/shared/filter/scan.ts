import type { Span } from "./ast.ts";

/**
 * A run of text without a blank outside of quotes, cut where its parts meet: `-data."a b".c:>=x*,"y"` is a minus, the
 * name `data`, the path `a b`, `c`, and two values.
 */
export interface Chunk {
  readonly span: Span;
  readonly negated: boolean;
  /** The field's name and path as they are written; null for free text. */
  readonly name: { readonly steps: readonly Piece[]; readonly span: Span } | null;
  /** What is after the colon, or the free text: one value for each alternative. */
  readonly values: readonly Value[];
  readonly problems: readonly Problem[];
}

export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

/** A value as it was written: `parts` are what stands between unquoted stars. */
export interface Value {
  readonly span: Span;
  readonly operator: "" | "=" | "<" | "<=" | ">" | ">=";
  readonly parts: readonly string[];
  readonly quoted: boolean;
}

export interface Problem {
  readonly span: Span;
  readonly message: string;
  readonly mend: string;
}

const BLANK = /\s/;
const FORBIDDEN = /[\0\p{Cs}]/u;

/** Cuts a text into chunks. Never fails: what is wrong with a chunk is said in it. */
export function scan(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < text.length) {
    if (BLANK.test(text.charAt(at))) at++;
    else {
      const chunk = new Scanner(text, at).chunk();
      chunks.push(chunk);
      at = chunk.span.to;
    }
  }
  return chunks;
}

class Scanner {
  readonly #problems: Problem[] = [];
  #at: number;

  constructor(
    private readonly text: string,
    private readonly start: number,
  ) {
    this.#at = start;
  }

  chunk(): Chunk {
    const negated = this.#take("-");
    const name = this.#name();
    const values = name === null ? [this.#freeText()] : this.#values();
    const span = { from: this.start, to: this.#at };
    if (FORBIDDEN.test(this.text.slice(span.from, span.to)))
      this.#problem(span, "a character that no event can hold", "Take out U+0000 and broken surrogate pairs.");
    return { span, negated, name, values, problems: this.#problems };
  }

  get #end(): boolean {
    return this.#at >= this.text.length || BLANK.test(this.text.charAt(this.#at));
  }

  #peek(characters: string): boolean {
    return this.#at < this.text.length && characters.includes(this.text.charAt(this.#at));
  }

  #take(characters: string): boolean {
    const found = this.#peek(characters);
    if (found) this.#at++;
    return found;
  }

  #problem(span: Span, message: string, mend: string): void {
    this.#problems.push({ span, message, mend });
  }

  /** A name with its path and colon; null, and nothing is taken, when free text stands here. */
  #name(): Chunk["name"] {
    const from = this.#at;
    if (this.#peek('"')) return null;
    const steps: Piece[] = [];
    do steps.push(this.#step());
    while (this.#take("."));
    const span = { from, to: this.#at };
    if (this.#take(":")) return { steps, span };
    this.#at = from;
    this.#problems.length = 0;
    return null;
  }

  #step(): Piece {
    if (this.#peek('"')) return { text: this.#quoted(), quoted: true };
    let text = "";
    while (!this.#end && !this.#peek('.:"')) text += this.#character();
    return { text, quoted: false };
  }

  #character(): string {
    if (this.#peek("\\") && this.#at + 1 < this.text.length) this.#at++;
    return this.text.charAt(this.#at++);
  }

  #quoted(): string {
    const from = this.#at++;
    let text = "";
    while (this.#at < this.text.length && !this.#peek('"')) text += this.#character();
    if (!this.#take('"'))
      this.#problem(
        { from, to: this.#at },
        "a quote is not closed",
        'Add the closing " or write \\" for the sign itself.',
      );
    return text;
  }

  #freeText(): Value {
    const from = this.#at;
    const quoted = this.#peek('"');
    let text = quoted ? this.#quoted() : "";
    if (!quoted) while (!this.#end && !this.#peek('"')) text += this.#character();
    this.#afterValue();
    return { span: { from, to: this.#at }, operator: "", parts: [text], quoted };
  }

  #values(): Value[] {
    const values: Value[] = [];
    do values.push(this.#value());
    while (this.#take(","));
    return values;
  }

  #value(): Value {
    const from = this.#at;
    const operator = this.#operator();
    if (this.#peek('"')) {
      const parts = [this.#quoted()];
      if (!this.#peek(",")) this.#afterValue();
      return { span: { from, to: this.#at }, operator, parts, quoted: true };
    }
    const parts = [""];
    while (!this.#end && !this.#peek(',"')) {
      if (operator === "" && this.#take("*")) parts.push("");
      else parts.push((parts.pop() ?? "") + this.#character());
    }
    if (!this.#peek(",")) this.#afterValue();
    const inner = parts.filter((part, index) => part !== "" || index === 0 || index === parts.length - 1);
    return { span: { from, to: this.#at }, operator, parts: inner, quoted: false };
  }

  #operator(): Value["operator"] {
    if (this.#take("=")) return "=";
    if (this.#take("<")) return this.#take("=") ? "<=" : "<";
    if (this.#take(">")) return this.#take("=") ? ">=" : ">";
    return "";
  }

  /** Only a blank may follow. */
  #afterValue(): void {
    if (this.#end) return;
    const from = this.#at;
    while (!this.#end) {
      if (this.#peek('"')) this.#quoted();
      else this.#at++;
    }
    this.#problem(
      { from, to: this.#at },
      `${JSON.stringify(this.text.slice(from, this.#at))} is joined to a quoted text`,
      'Put a space between them, or write \\" for a quote that is part of the text.',
    );
  }
}
