/**
 * One-dimensional PostgreSQL arrays in binary format, as `pg` sends them when a parameter is a Buffer. Text arrays
 * would have to be quoted element by element here and parsed again there, which costs a third of the insert.
 */

import type { Bytes16 } from "../model.ts";

const HEADER = 20;
const OID = { bool: 16, int4: 23, int8: 20, text: 25, uuid: 2950 } as const;

function header(buffer: Buffer, oid: number, count: number): void {
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(1, 4); // may hold nulls
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16); // lower bound
}

/** Builds the array parameters of a statement: each element is read from `rows` by a function. */
export function textArray<T>(rows: readonly T[], read: (row: T) => string | null): Buffer {
  let size = HEADER;
  for (const row of rows) {
    const value = read(row);
    size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  }
  const buffer = Buffer.allocUnsafe(size);
  header(buffer, OID.text, rows.length);
  let at = HEADER;
  for (const row of rows) {
    const value = read(row);
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const written = buffer.write(value, at + 4);
    buffer.writeInt32BE(written, at);
    at += 4 + written;
  }
  return buffer;
}

function fixed<T>(
  rows: readonly T[],
  oid: number,
  width: number,
  write: (buffer: Buffer, row: T, at: number) => boolean,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER + rows.length * (4 + width));
  header(buffer, oid, rows.length);
  let at = HEADER;
  for (const row of rows) {
    if (write(buffer, row, at + 4)) {
      buffer.writeInt32BE(width, at);
      at += 4 + width;
    } else {
      at = buffer.writeInt32BE(-1, at);
    }
  }
  return at === buffer.length ? buffer : buffer.subarray(0, at);
}

export function int4Array<T>(rows: readonly T[], read: (row: T) => number | null): Buffer {
  return fixed(rows, OID.int4, 4, (buffer, row, at) => {
    const value = read(row);
    if (value === null) return false;
    buffer.writeInt32BE(value, at);
    return true;
  });
}

/** Numbers must be safe integers. */
export function int8Array<T>(rows: readonly T[], read: (row: T) => number | null): Buffer {
  return fixed(rows, OID.int8, 8, (buffer, row, at) => {
    const value = read(row);
    if (value === null) return false;
    buffer.writeBigInt64BE(BigInt(value), at);
    return true;
  });
}

export function boolArray<T>(rows: readonly T[], read: (row: T) => boolean): Buffer {
  return fixed(rows, OID.bool, 1, (buffer, row, at) => {
    buffer.writeUInt8(read(row) ? 1 : 0, at);
    return true;
  });
}

export function uuidArray<T>(rows: readonly T[], read: (row: T) => Bytes16): Buffer {
  return fixed(rows, OID.uuid, 16, (buffer, row, at) => {
    buffer.write(read(row), at, 16, "latin1");
    return true;
  });
}

/** The bytes of a uuid in its usual form. */
export function uuidBytes(uuid: string): Bytes16 {
  return Buffer.from(uuid.replaceAll("-", ""), "hex").toString("latin1");
}
