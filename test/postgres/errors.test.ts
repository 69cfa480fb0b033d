import { expect, test } from "vitest";
import { fromFileError, fromServerLog } from "../../src/main/postgres/errors.ts";
import { POSTGRES_ERRORS, PostgresError, type PostgresErrorCode } from "../../src/main/postgres/index.ts";

const codes = Object.keys(POSTGRES_ERRORS) as PostgresErrorCode[];

test.each(codes)("%s says where, and ends in a sentence that mends it", (code) => {
  const error = new PostgresError(code, "/the/$& place", { detail: "a fact" });
  expect(error.message).toContain("/the/$& place (a fact). ".slice(0, 12));
  expect(error.message).toContain("(a fact). ");
  expect(error.message).not.toContain("{where}");
  expect(error.mend).toMatch(/^[A-Z].*\.$/);
  expect(error.message.endsWith(error.mend)).toBe(true);
});

test.each<[string, PostgresErrorCode]>([
  ['FATAL:  could not write lock file "postmaster.pid": No space left on device', "KITE_POSTGRES_DISK_FULL"],
  ["initdb: error: could not create directory: Disk quota exceeded", "KITE_POSTGRES_DISK_FULL"],
  ["FATAL:  could not create shared memory segment: No space left on device", "KITE_POSTGRES_START_FAILED"],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "KITE_POSTGRES_PORT_BUSY"],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Permission denied', "KITE_POSTGRES_PORT_BUSY"],
  ["FATAL:  could not create any Unix-domain sockets", "KITE_POSTGRES_PORT_BUSY"],
  ["FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "KITE_POSTGRES_STILL_CLOSING"],
  ["FATAL:  database files are incompatible with server", "KITE_POSTGRES_VERSION_MISMATCH"],
  ["Execution of PostgreSQL by a user with administrative permissions is not permitted.", "KITE_POSTGRES_ELEVATED"],
  ["initdb: error: could not look up effective user ID 4242: user does not exist", "KITE_POSTGRES_NO_ACCOUNT"],
  ["postgres: error while loading shared libraries: libicuuc.so.60", "KITE_POSTGRES_BINARIES"],
  ['FATAL:  could not open file "global/pg_filenode.map": Permission denied', "KITE_POSTGRES_UNWRITABLE"],
  ["PANIC:  could not locate a valid checkpoint record", "KITE_POSTGRES_START_FAILED"],
])("the server's words: %s", (line, code) => {
  const error = fromServerLog(["LOG:  starting", line], "/data", "it ended with code 1");
  expect(error).toMatchObject({ code, serverLog: ["LOG:  starting", line] });
  expect(error.message).toContain(line);
});

test("only errors of files that are about rights or space become ours", () => {
  const of = (code: string) => Object.assign(new Error(code), { code });
  expect(fromFileError(of("ENOSPC"), "/data")).toMatchObject({ code: "KITE_POSTGRES_DISK_FULL" });
  expect(fromFileError(of("EROFS"), "/data")).toMatchObject({ code: "KITE_POSTGRES_UNWRITABLE" });
  expect(fromFileError(of("EACCES"), "/data", true)).toMatchObject({ code: "KITE_POSTGRES_READ_ONLY_HOME" });
  const other = of("EMFILE");
  expect(fromFileError(other, "/data")).toBe(other);
});
