import fc from "fast-check";
import { expect, test } from "vitest";
import { type RowType, rowArray } from "../../src/main/hub/store/binary-rows.ts";

interface Row {
  readonly text: string | null;
  readonly small: number;
  readonly number: number | null;
  readonly large: number | null;
  readonly yes: boolean;
  readonly uuid: string | null;
}

const TYPE: RowType<Row> = {
  fields: 6,
  write(w, row) {
    w.text(row.text);
    w.int2(row.small);
    w.int4(row.number);
    w.int8(row.large);
    w.bool(row.yes);
    w.uuid(row.uuid);
  },
};

/** Reads what was written, by PostgreSQL's array_send and record_send. */
function read(buffer: Buffer): Row[] {
  let at = 0;
  const int = (): number => {
    at += 4;
    return buffer.readInt32BE(at - 4);
  };
  const field = (oid: number): Buffer | null => {
    if (int() !== oid) throw new Error(`a field that is not of type ${oid}`);
    const length = int();
    if (length === -1) return null;
    at += length;
    return buffer.subarray(at - length, at);
  };
  const [dimensions, nulls, , count, first] = [int(), int(), int(), int(), int()];
  expect([dimensions, nulls, first]).toEqual([1, 0, 1]);
  const rows = Array.from({ length: count }, (): Row => {
    const length = int();
    const end = at + length;
    if (int() !== 6) throw new Error("a row that has not six fields");
    const row = {
      text: field(25)?.toString() ?? null,
      small: field(21)?.readInt16BE() ?? Number.NaN,
      number: field(23)?.readInt32BE() ?? null,
      large: Number(field(20)?.readBigInt64BE() ?? Number.NaN),
      yes: field(16)?.[0] === 1,
      uuid: field(2950)?.toString("latin1") ?? null,
    };
    if (at !== end) throw new Error("a row that is not as long as it says");
    return { ...row, large: Number.isNaN(row.large) ? null : row.large };
  });
  expect(at).toBe(buffer.length);
  return rows;
}

const row = fc.record<Row>({
  text: fc.option(fc.string({ unit: "grapheme", maxLength: 400 })),
  small: fc.integer({ min: -32_768, max: 32_767 }),
  number: fc.option(fc.integer()),
  large: fc.option(fc.maxSafeInteger()),
  yes: fc.boolean(),
  uuid: fc.option(
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  ),
});

test("rows are read as they were written", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
      expect(read(rowArray(TYPE, rows))).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});

test("nothing is lost where the buffer grows, whichever field it is that does not fit any more", () => {
  const short: Row = { text: "abc", small: 7, number: -1, large: 2 ** 40, yes: true, uuid: "\t".repeat(16) };
  const many = Array.from({ length: 800 }, () => short);
  const huge = [{ ...short, text: "x".repeat(2 ** 20) }];
  // A row takes 94 bytes, so that the first buffer's end comes to lie at each of its bytes.
  for (let shift = 0; shift < 94; shift++) {
    // The next array begins with a small buffer again.
    rowArray(TYPE, huge);
    const rows = [{ ...short, text: "y".repeat(shift) }, ...many];
    const written = rowArray(TYPE, rows);
    expect(written.length).toBeGreaterThan(65_536);
    expect(read(written).every(({ text }, index) => text === rows[index]?.text)).toBe(true);
  }
});

test("what one array was written in does not change with the next", () => {
  const rows = [{ text: "first", small: 1, number: 1, large: 1, yes: true, uuid: null }];
  const first = rowArray(TYPE, rows);
  rowArray(TYPE, [{ text: "other", small: 2, number: 2, large: 2, yes: false, uuid: null }]);
  expect(read(first)).toEqual(rows);
});
