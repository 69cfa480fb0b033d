export { defaultDataDir } from "./data-dir.ts";
export { createDatabase, dropDatabase } from "./databases.ts";
export { POSTGRES_ERRORS, PostgresError, type PostgresErrorCode } from "./errors.ts";
export { type PostgresConnection, type PostgresServer, type StartOptions, startPostgres } from "./server.ts";
export type { ServerExit } from "./server-process.ts";
export { type PostgresState, type SupervisedPostgres, type SuperviseOptions, supervisePostgres } from "./supervise.ts";
export { reserveWal, type WalReserveOptions } from "./wal-reserve.ts";
