import type pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import type { Queryable } from "../../src/main/hub/store/database.ts";
import { CursorBook } from "../../src/main/hub/stream/cursor-book.ts";
import { eventually, silent } from "./fixture.ts";

/** Stands for the database: keeps what it is told, when it is let. */
class Store implements Queryable {
  /** Client ids and seqs of each statement. */
  readonly statements: Record<string, number>[] = [];
  fail = false;
  /** Statements that it did not take. */
  refused = 0;
  hold: Promise<void> = Promise.resolve();

  async query<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    const result = { command: "", rowCount: 0, oid: 0, fields: [], rows: [] };
    if (query.name === "open-cursor") {
      const row: unknown = { seq: "1", passed: "0", scopes: ["*"] };
      return { ...result, rows: [row as R] };
    } else {
      await this.hold;
      if (this.fail) {
        this.refused++;
        throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
      }
      const [, clients, seqs] = query.values as [string[], string[], number[]];
      this.statements.push(Object.fromEntries(clients.map((client, i) => [client, seqs[i] ?? 0])));
    }
    return result;
  }
}

let book: CursorBook;
afterEach(() => book.stop());

const move = (clientId: string, seq: number, over: { passed?: number; scopes?: string[] } = {}) =>
  book.move({ team: "t", clientId, seq, passed: 0, scopes: ["*"], ...over });

describe("the cursors of a hub", () => {
  it("of all sessions go in one statement, and each only once", async () => {
    const store = new Store();
    book = new CursorBook(store, silent);
    move("a", 1);
    move("b", 5);
    move("a", 3);
    move("a", 2);
    await book.stop();
    expect(store.statements).toEqual([{ a: 3, b: 5 }]);
  });

  it("gather while others are written", async () => {
    const store = new Store();
    book = new CursorBook(store, silent);
    let release = (): void => undefined;
    store.hold = new Promise((resolve) => {
      release = resolve;
    });
    move("a", 1);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    for (let seq = 2; seq <= 100; seq++) move("a", seq);
    expect(store.statements).toEqual([]);
    release();
    await book.stop();
    expect(store.statements).toEqual([{ a: 1 }, { a: 100 }]);
  });

  it("are known before they are written", async () => {
    const store = new Store();
    book = new CursorBook(store, silent);
    store.fail = true;
    move("a", 7, { passed: 9 });
    expect(await book.open("t", "a", 1, ["*"])).toEqual({ seq: 7, passed: 9, scopes: ["*"] });
    expect(await book.open("other", "a", 1, ["*"])).toEqual({ seq: 1, passed: 0, scopes: ["*"] });
    store.fail = false;
  });

  it("are kept while the database is away, and written when it is back", async () => {
    const store = new Store();
    book = new CursorBook(store, silent);
    store.fail = true;
    move("a", 4);
    await eventually(() => store.refused > 0);
    move("a", 6);
    move("b", 2);
    store.fail = false;
    await eventually(() => store.statements.length > 0);
    expect(store.statements).toEqual([{ a: 6, b: 2 }]);
  });

  it("are given up at the end when the database stays away", async () => {
    const store = new Store();
    book = new CursorBook(store, silent);
    store.fail = true;
    move("a", 4);
    await book.stop();
    expect(store.statements).toEqual([]);
  });
});
