import { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { countOf } from "../../../../shared/count-of.ts";
import { type PeerTarget, type Resolve, refuseAddress, toFailure } from "../outbound/index.ts";

/** A sentence about what happened, and what to do about it. */
export interface Finding {
  readonly result: string;
  readonly advice: string | null;
}

/** A step that failed. */
export class StepFailure extends Error {
  readonly advice: string;
  constructor(result: string, advice: string) {
    super(result);
    this.advice = advice;
  }
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 21;

/** All addresses of the host; fails when one of them may not be a peer's. @throws StepFailure */
export async function resolveHost(target: PeerTarget, resolve: Resolve): Promise<string[]> {
  if (isIP(target.host) !== 0) return [target.host];
  let addresses: string[];
  try {
    addresses = (await resolve(target.host)).map(({ address }) => address);
  } catch {
    throw new StepFailure(
      `The name ${target.host} cannot be resolved.`,
      "Check the spelling of the host, and whether this machine is in the network (or VPN) where the name is known.",
    );
  }
  if (addresses.length === 0)
    throw new StepFailure(`The name ${target.host} has no address.`, "Check the host's DNS records.");
  for (const address of addresses) {
    const refusal = refuseAddress(address, target);
    if (refusal !== null)
      throw new StepFailure(refusal, "Correct the URL, or allow private addresses for this peer if it is meant.");
  }
  return addresses;
}

/** Opens a TCP connection to exactly this address. @throws StepFailure */
export function openTcp(address: string, port: number, host: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: address, port });
    const fail = (result: string, advice: string): void => {
      socket.destroy();
      reject(new StepFailure(result, advice));
    };
    socket.setTimeout(timeoutMs, () =>
      fail(
        `${host} does not answer on port ${port}: nothing came back within ${timeoutMs / 1000} s.`,
        "A firewall may be dropping the connection, or the machine is off. Check the address, the VPN and the firewall.",
      ),
    );
    socket.once("error", (error) => {
      const { kind, sentence } = toFailure(error);
      if (kind === "refused")
        fail(`Nobody listens on port ${port} of ${host}.`, "Start the peer, or correct the port in its URL.");
      else fail(sentence, "Check the network between here and the peer.");
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("error");
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

/** Shakes hands over TLS and looks at the certificate itself, so that each fault has its own name. @throws StepFailure */
export async function checkTls(
  socket: Socket,
  options: {
    readonly host: string;
    readonly timeoutMs: number;
    readonly ca?: string | undefined;
    readonly now: number;
  },
): Promise<Finding> {
  const { host, now } = options;
  const tls = await handshake(socket, options);
  const certificate = tls.getPeerCertificate();
  const protocol = tls.getProtocol() ?? "TLS";
  const { authorized } = tls;
  const problem: unknown = tls.authorizationError;
  tls.destroy();
  if (certificate.raw === undefined)
    throw new StepFailure("The peer showed no certificate.", "Configure a certificate on the peer.");
  const { validTo, validFrom } = new X509Certificate(certificate.raw);
  const left = Math.floor((Date.parse(validTo) - now) / DAY_MS);
  if (Date.parse(validTo) <= now)
    throw new StepFailure(
      `The peer's certificate expired on ${day(validTo)}.`,
      "Renew the certificate on the peer; this hub will not talk to it before.",
    );
  if (Date.parse(validFrom) > now)
    throw new StepFailure(
      `The peer's certificate is valid only from ${day(validFrom)} on.`,
      "Check the clock of this machine, then the peer's certificate.",
    );
  if (!isFor(host, certificate))
    throw new StepFailure(
      `The peer's certificate is for ${namesOf(certificate)}, not for ${host}.`,
      "Use the name that the certificate is for, or give the peer a certificate for this name. A captive portal or a proxy may also stand between.",
    );
  if (!authorized)
    throw new StepFailure(
      `The peer's certificate was not issued by an authority that this machine trusts (${codeOf(problem)}).`,
      "Use a certificate of a public authority, or start the hub with NODE_EXTRA_CA_CERTS set to your own authority's certificate.",
    );
  return {
    result: `${protocol}; the certificate is valid for ${countOf(left, "day")} more, until ${day(validTo)}.`,
    advice: left <= SOON_DAYS ? "Renew the peer's certificate soon." : null,
  };
}

function handshake(
  socket: Socket,
  { host, timeoutMs, ca }: { host: string; timeoutMs: number; ca?: string | undefined },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({
      socket,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // Looked at below, fault by fault; nothing is sent over this connection.
      rejectUnauthorized: false,
      ...(ca === undefined ? {} : { ca }),
    });
    const fail = (result: string, advice: string): void => {
      clearTimeout(timer);
      tls.destroy();
      reject(new StepFailure(result, advice));
    };
    const timer = setTimeout(
      () =>
        fail(
          "The peer accepted the connection and then did not answer the TLS handshake.",
          "Something else than an HTTPS server may listen on this port: check the port.",
        ),
      timeoutMs,
    );
    tls.once("error", (error) =>
      fail(
        `No secure connection could be made: ${error.message.slice(0, 200)}.`,
        "The port may speak plain HTTP: check the URL's scheme and port.",
      ),
    );
    tls.once("secureConnect", () => {
      clearTimeout(timer);
      tls.on("error", () => undefined);
      resolve(tls);
    });
  });
}

function isFor(host: string, certificate: PeerCertificate): boolean {
  return checkServerIdentity(host, certificate) === undefined;
}

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const names = (subjectaltname ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
  const common = Array.isArray(subject?.CN) ? subject.CN[0] : subject?.CN;
  return names.filter(Boolean).slice(0, 3).join(", ") || common || "another name";
}

const codeOf = (problem: unknown): string =>
  problem instanceof Error
    ? "code" in problem
      ? String(problem.code)
      : problem.message
    : String(problem ?? "unknown");

const day = (date: string): string => new Date(date).toISOString().slice(0, 10);
