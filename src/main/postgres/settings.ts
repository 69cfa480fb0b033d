import { totalmem } from "node:os";

const MIB = 1024 * 1024;

/**
 * The server's settings for a hub's load: many small commits, append-mostly tables, a laptop's memory.
 * Durability is on in full: nothing accepted is ever lost. `settings` of the caller override these.
 */
export function serverSettings(): Record<string, string> {
  return {
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    wal_compression: "pglz",
    shared_buffers: `${sharedBuffersMiB()}MB`,
    // Rare checkpoints: after each one, every page touched is written to the WAL in full once.
    checkpoint_timeout: "15min",
    checkpoint_completion_target: "0.9",
    max_wal_size: "4GB",
    min_wal_size: "512MB",
    max_connections: "120",
    // Compiling costs more than it saves on statements of a millisecond.
    jit: "off",
    autovacuum: "on",
    track_io_timing: "off",
    idle_in_transaction_session_timeout: "5min",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements and the details of errors (whole rows, at times) hold what users sent: they stay out of the log.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_line_prefix: "[%p] ",
    // A long recovery says every so often that it goes on; see SILENCE_MS.
    log_startup_progress_interval: "5s",
    unix_socket_permissions: "0700",
  };
}

/** A sixteenth of the memory we may use, within 32 and 256 MiB. */
function sharedBuffersMiB(): number {
  // 0 or an enormous number where there is no limit.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const available = Math.min(totalmem(), limit);
  return Math.max(32, Math.min(256, Math.floor(available / 16 / MIB)));
}

/** Settings as arguments of the `postgres` program. */
export function settingArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
