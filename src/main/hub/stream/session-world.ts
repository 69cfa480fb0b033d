import type { Logger } from "pino";
import type { Endpoints, Keys } from "../access/index.ts";
import type { Queryable } from "../store/database.ts";
import type { Audiences } from "./audience.ts";
import type { Door } from "./handshake.ts";
import type { LogReader } from "./log-reader.ts";

/** What all sessions of a hub share. */
export interface SessionWorld extends Door {
  readonly db: Queryable;
  readonly log: Logger;
  readonly audiences: Audiences;
  readonly reader: LogReader;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  /** Bytes that may wait for a live listener before it is cut off. */
  readonly bufferLimit: number;
  /** Milliseconds a client has to send its connect frame. */
  readonly handshakeMs: number;
  /** Told when a handshake is done. */
  readonly onJoin: () => void;
}

/** A session as the console and the metrics show it. */
export interface SessionInfo {
  readonly clientId: string;
  readonly team: string;
  readonly keyId: string;
  readonly keyName: string | null;
  readonly scopes: readonly string[];
  readonly state: "replaying" | "live" | "closing";
  /** Every event up to this seq was sent, or was not for this listener. */
  readonly position: number;
  readonly acked: number;
  /** Events sent on this connection. */
  readonly sent: number;
  /** Bytes that wait for the listener to read. */
  readonly buffered: number;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  /** The address of whoever is behind the connection. */
  readonly remote: string;
}
