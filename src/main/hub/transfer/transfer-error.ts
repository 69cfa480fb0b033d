/** Why an export or import cannot be done, in words for the person who asked for it. Nothing was changed. */
export class TransferError extends Error {
  override readonly name = "TransferError";
}

const AGAIN = "Nothing was imported. Make the export again, or copy it again.";

/** The file is a Kite export, but not whole or not as it was written. */
export function damaged(what: string, cause?: unknown): TransferError {
  return new TransferError(`The export is damaged: ${what}. ${AGAIN}`, { cause });
}

/** The file ends before its last line. */
export function truncated(cause?: unknown): TransferError {
  return new TransferError(`The export is cut off: its end is missing. ${AGAIN}`, { cause });
}

/** The file is something else. */
export function foreign(cause?: unknown): TransferError {
  return new TransferError("This is not a Kite export. Give a file that `--export` has written.", { cause });
}
