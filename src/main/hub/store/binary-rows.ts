/**
 * Arrays of rows in PostgreSQL's binary format, as `pg` sends them when a parameter is a Buffer. One array of rows costs
 * both sides less than an array for each column: one buffer here, one pass over it there.
 */

import type { Bytes16 } from "../model.ts";

const OID = { bool: 16, int8: 20, int2: 21, int4: 23, text: 25, uuid: 2950 } as const;
/** Bytes of a field's type and length, and of a row's count of fields. */
const FIELD = 8;
const COUNT = 4;
/** The longest field of a fixed length is a uuid. */
const FIXED_MOST = 16;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const UTF8_MOST = 3;
const FIRST_BYTES = 65_536;
/** A buffer that a rare large batch made is not kept. */
const KEPT_BYTES = 1024 * 1024;

// Rows are written one after the other, in one turn of the event loop: all writers share this one.
let scratch = Buffer.allocUnsafe(FIRST_BYTES);

/** Takes the fields of rows, in the order of their type's columns. */
export class RowWriter {
  #buffer = scratch;
  #at = 0;

  text(value: string | null): void {
    if (value === null) {
      this.#null(OID.text);
      return;
    }
    this.#reserve(FIELD + value.length * UTF8_MOST);
    const written = this.#buffer.write(value, this.#at + FIELD);
    this.#head(OID.text, written);
    this.#at += written;
  }

  int2(value: number): void {
    this.#field(OID.int2, 2);
    this.#at = this.#buffer.writeInt16BE(value, this.#at);
  }

  int4(value: number | null): void {
    if (value === null) {
      this.#null(OID.int4);
      return;
    }
    this.#field(OID.int4, 4);
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  /** Numbers must be safe integers. */
  int8(value: number | null): void {
    if (value === null) {
      this.#null(OID.int8);
      return;
    }
    this.#field(OID.int8, 8);
    this.#at = this.#buffer.writeBigInt64BE(BigInt(value), this.#at);
  }

  bool(value: boolean): void {
    this.#field(OID.bool, 1);
    this.#at = this.#buffer.writeUInt8(value ? 1 : 0, this.#at);
  }

  uuid(value: Bytes16 | null): void {
    if (value === null) {
      this.#null(OID.uuid);
      return;
    }
    this.#field(OID.uuid, 16);
    this.#at += this.#buffer.write(value, this.#at, 16, "latin1");
  }

  /** The head of an array of `count` rows. */
  begin(count: number): void {
    this.#reserve(20);
    // Dimensions, whether there are nulls, the elements' type, how many there are, and the number of the first. A type
    // that is not built in has another number in each database, so the server goes by what it expects (since version 14).
    for (const value of [1, 0, 0, count, 1]) this.#int(value);
  }

  /** @param write writes the row's fields, `fields` of them */
  row(fields: number, write: () => void): void {
    this.#reserve(2 * COUNT);
    const start = this.#at;
    this.#at += COUNT;
    this.#int(fields);
    write();
    this.#buffer.writeInt32BE(this.#at - start - COUNT, start);
  }

  end(): Buffer {
    scratch = this.#buffer.length > KEPT_BYTES ? Buffer.allocUnsafe(FIRST_BYTES) : this.#buffer;
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }

  #null(oid: number): void {
    this.#field(oid, -1);
  }

  /** Begins a field of a fixed length, or null at -1. */
  #field(oid: number, length: number): void {
    this.#reserve(FIELD + FIXED_MOST);
    this.#head(oid, length);
  }

  #head(oid: number, length: number): void {
    this.#int(oid);
    this.#int(length);
  }

  #int(value: number): void {
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

/** How a row of a composite type is written. */
export interface RowType<T> {
  readonly fields: number;
  readonly write: (writer: RowWriter, row: T) => void;
}

/** An array of rows. */
export function rowArray<T>({ fields, write }: RowType<T>, rows: readonly T[]): Buffer {
  const writer = new RowWriter();
  writer.begin(rows.length);
  for (const row of rows) writer.row(fields, () => write(writer, row));
  return writer.end();
}
