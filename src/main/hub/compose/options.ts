import type pg from "pg";
import type { Logger } from "pino";
import type { HubInside } from "../inside/index.ts";
import type { LoginApproval } from "../login/index.ts";
import type { SecretBox } from "../registry/index.ts";
import type { TlsFiles } from "../tls-files.ts";

export interface HubOptions {
  readonly connection: pg.ClientConfig;
  readonly box: SecretBox;
  /** True when other hub processes may use the database. */
  readonly shared: boolean;
  /** The folder of the numbered .sql files. */
  readonly migrations: string;
  readonly log: Logger;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly instanceId: string | null;
  readonly team: string;
  readonly publicUrl: string | null;
  /** Addresses, ranges or names of ranges of proxies whose X-Forwarded-For is believed; absent: nobody's. */
  readonly trustedProxies?: readonly string[];
  readonly teamRateLimit: number;
  readonly globalRateLimit: number;
  readonly retentionDays: number;
  readonly retentionMb: number;
  readonly dedupDays: number;
  readonly segmentEvents: number;
  readonly poolSize: number;
  readonly requireBearer: boolean;
  readonly acceptBatches: boolean;
  readonly loginApproval: LoginApproval;
  readonly refusalBodyBytes: number;
  /** Files of the certificate to serve TLS with; absent or null: plain HTTP, behind a proxy or on loopback. */
  readonly tls?: TlsFiles | null;
  /** Adds routes and whatever else lives with the hub, before it listens. Returns what closes it again. */
  readonly mount?: (inside: HubInside) => Promise<() => Promise<void>>;
}
