import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { OutboundFederation } from "../federation/outbound/index.ts";
import { renewCertificate } from "../http-server.ts";
import type { LinkServices } from "../links.ts";
import type { Certificate } from "../tls-files.ts";
import type { Chores } from "./chores.ts";
import { NetworkWatch } from "./network-watch.ts";

export interface LinkUpkeepOptions {
  readonly app: FastifyInstance;
  /** Null where TLS is not served. */
  readonly certificate: Certificate | null;
  readonly linked: LinkServices;
  readonly outbound: OutboundFederation;
  readonly log: Logger;
}

/** How often the other side of a pairing is asked whether it has confirmed. */
const PAIRING_MS = 2_000;
/** How often the certificate's files are looked at. */
const CERTIFICATE_MS = 5_000;

/** What links need while a hub runs: pairings that wait are looked at, certificates renewed, and the network watched. */
export class LinkUpkeep {
  readonly #o: LinkUpkeepOptions;
  readonly #watch: NetworkWatch;

  constructor(options: LinkUpkeepOptions) {
    this.#o = options;
    const { log } = options;
    this.#watch = new NetworkWatch({
      onChange: (why) => {
        log.info(`${why === "woke" ? "this machine was asleep" : "the network changed"}; links try again now`);
        this.#tryNow();
      },
    });
  }

  /** The machine woke up, says the system. */
  resumed(): void {
    this.#watch.woke();
  }

  /** Nobody waits out a backoff: peers that stand still are tried, and streams asked for a sign of life. */
  #tryNow(): void {
    this.#o.outbound.hasten();
    this.#o.linked.pulls.hurry();
  }

  start(chores: Chores): void {
    const { app, certificate, linked, log } = this.#o;
    chores.every(PAIRING_MS, "looking after pairings", () => linked.pairing.look());
    if (certificate === null) return;
    chores.every(CERTIFICATE_MS, "renewing the certificate", async () => {
      const pair = await certificate.renewed();
      if (pair === null) return;
      renewCertificate(app, pair);
      log.info("the certificate was renewed");
    });
  }

  stop(): void {
    this.#watch.stop();
  }
}
