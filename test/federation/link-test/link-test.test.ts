import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type LinkTestOptions, testLink } from "../../../src/main/hub/federation/link-test/index.ts";
import type { Peer } from "../../../src/main/hub/model.ts";
import type { LinkTestStep } from "../../../src/shared/links/index.ts";
import { CA, certificate } from "../../support/certificates.ts";
import { pair } from "../../support/hub-client.ts";
import { makePeer } from "../../support/peers.ts";
import { openRealHub } from "../../support/real-hub.ts";

const OPTIONS: LinkTestOptions = {
  instanceId: "here",
  userAgent: "test",
  pull: null,
  now: Date.now,
  timeoutMs: 400,
  ca: CA,
};

async function steps(peer: Peer, options: Partial<LinkTestOptions> = {}): Promise<LinkTestStep[]> {
  const all: LinkTestStep[] = [];
  for await (const step of testLink(peer, { ...OPTIONS, ...options })) all.push(step);
  return all;
}

async function failureOf(url: string, over: Partial<Peer> = {}, options: Partial<LinkTestOptions> = {}) {
  const last = (await steps(makePeer(1, url, over), options)).at(-1);
  expect(last?.outcome).toBe("failed");
  return [last?.step, last?.result];
}

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return (server.address() as AddressInfo).port;
}

const http = async (handler: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(handler))}/hooks/t/kite`;
const https = async (name: Parameters<typeof certificate>[0], handler: RequestListener): Promise<string> =>
  `https://127.0.0.1:${await listening(createSecureServer(certificate(name), handler))}/hooks/t/kite`;
const health: RequestListener = (_request, response) => response.end("OK");
/** A peer that answers this to whatever is posted, and is healthy otherwise. */
const posted =
  (status: number, body: object, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    if (request.method === "GET") response.end("OK");
    else request.resume().on("end", () => response.writeHead(status, headers).end(JSON.stringify(body)));
  };

test("a closed port", async () => {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((closed) => server.close(closed));
  expect(await failureOf(`http://127.0.0.1:${port}/hooks/t/kite`)).toEqual([
    "tcp",
    `Nobody listens on port ${port} of 127.0.0.1.`,
  ]);
});

test("a name that does not resolve", async () => {
  const resolve = () => Promise.reject(new Error("ENOTFOUND"));
  expect(await failureOf("https://nowhere.example/hooks/t/kite", {}, { resolve })).toEqual([
    "dns",
    "The name nowhere.example cannot be resolved.",
  ]);
});

test("a name that leads into one's own network", async () => {
  const resolve = async () => [
    { address: "93.184.216.34", family: 4 },
    { address: "10.0.0.7", family: 4 },
  ];
  expect(await failureOf("https://rebound.example/hooks/t/kite", {}, { resolve })).toEqual([
    "dns",
    "rebound.example is at 10.0.0.7, which lies in the private range 10.0.0.0/8: let the peer be at an address of your own network (allow_private) if it is there.",
  ]);
});

test.each([
  ["expired", "The peer's certificate expired on 2021-01-01."],
  ["other-name", "The peer's certificate is for elsewhere.example, not for 127.0.0.1."],
] as const)("a certificate that is %s", async (name, sentence) => {
  expect(await failureOf(await https(name, health))).toEqual(["tls", sentence]);
});

test("a certificate of an unknown authority", async () => {
  const url = await https("good", health);
  const last = (await steps(makePeer(1, url), { ca: certificate("other-name").cert })).at(-1);
  expect([last?.step, last?.result]).toEqual([
    "tls",
    "The peer's certificate was not issued by an authority that this machine trusts (UNABLE_TO_VERIFY_LEAF_SIGNATURE).",
  ]);
});

test("https to a port that speaks plain HTTP, and the other way round", async () => {
  const [step, result] = await failureOf((await http(health)).replace("http:", "https:"));
  expect(step).toBe("tls");
  expect(result).toMatch(/^No secure connection could be made: /);
  const other = (await https("good", health)).replace("https:", "http:");
  expect((await failureOf(other))[0]).toBe("http");
});

test("a port that answers nothing", async () => {
  const silent = createTcpServer((socket) => socket.on("error", () => undefined));
  const url = `http://127.0.0.1:${await listening(silent)}/hooks/t/kite`;
  const hanging = await failureOf(url);
  expect(hanging).toEqual(["http", "The peer accepted the connection and then did not answer in time."]);
  expect(await failureOf(url.replace("http:", "https:"))).toEqual([
    "tls",
    "The peer accepted the connection and then did not answer the TLS handshake.",
  ]);
});

test.each<[string, RequestListener, string, string]>([
  [
    "a redirect",
    (_request, response) => response.writeHead(302, { location: "https://elsewhere.example/" }).end(),
    "http",
    "The peer redirects /health to https://elsewhere.example/; redirects are not followed.",
  ],
  [
    "a captive portal's page",
    (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome to our Wi-Fi"),
    "http",
    "A web page answered instead of a Kite.",
  ],
  [
    "an error of the peer's own",
    (_request, response) => response.writeHead(502).end(),
    "http",
    "The peer answers with an error of its own (HTTP 502).",
  ],
  [
    "a wrong key at a real Kite",
    posted(401, { error: "unauthorized" }),
    "authentication",
    "The peer does not know the token. It says: unauthorized",
  ],
  [
    "a wrong signature",
    posted(401, { error: "no", reason: "bad_signature" }),
    "signature",
    "The peer knows the token, and the signature does not fit the body. It says: no",
  ],
  [
    "a wrong path",
    posted(404, { error: "not found" }),
    "authentication",
    "There is no inbound endpoint at this URL (HTTP 404). It says: not found",
  ],
  [
    "an instance that is this one",
    posted(400, { error: "no event" }, { "x-kite-instance": "here" }),
    "instance",
    "The peer calls itself here, which is this instance's own id.",
  ],
  [
    "another instance than the one that was paired",
    posted(400, { error: "no event" }, { "x-kite-instance": "impostor" }),
    "instance",
    "The peer calls itself impostor, and it is known here as peer.",
  ],
])("%s", async (_, handler, step, sentence) => {
  const known = { instanceId: "peer", instanceIdFrom: "pairing" } as const;
  expect(await failureOf(await http(handler), known)).toEqual([step, sentence]);
});

test("a real Kite passes without a probe, since a test event would reach its listeners", async () => {
  const bodies: string[] = [];
  const url = await http((request, response) => {
    request.on("data", (chunk) => bodies.push(String(chunk)));
    request.on("end", () => response.writeHead(request.method === "GET" ? 200 : 400).end("{}"));
  });
  const all = await steps(makePeer(1, url));
  expect(all.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    "dns ok",
    "tcp ok",
    "tls skipped",
    "http ok",
    "authentication ok",
    "signature ok",
    "instance warning",
    "clock ok",
    "batch ok",
    "round_trip skipped",
    "stream skipped",
  ]);
  expect(bodies).toEqual([]);
});

test("two hubs: every step is ok, over TLS days are counted, and the probe is stored nowhere", async () => {
  const a = await openRealHub({ instanceId: "a" });
  const b = await openRealHub({ instanceId: "b" });
  const { atA } = await pair(a.client, b.client);
  const peer = a.hub.registry.peerById(atA.id);
  if (peer === undefined) throw new Error("the peer was made");
  const all = await steps(peer, { instanceId: "a", timeoutMs: 5_000 });
  const outcomes = all.map(({ step, outcome }) => `${step} ${outcome}`);
  expect(outcomes.slice(-4)).toEqual(["clock ok", "batch ok", "round_trip ok", "stream skipped"]);
  expect(all.find(({ step }) => step === "round_trip")?.result).toMatch(
    /^A probe event went to b and back in \d+ ms\.$/,
  );
  expect(await b.client.events()).toEqual([]);
  const wrong = await steps({ ...peer, outboundToken: "wrong" }, { instanceId: "a", timeoutMs: 5_000 });
  expect(wrong.at(-1)).toMatchObject({ step: "authentication", outcome: "failed" });
  expect(wrong.at(-1)?.result).toMatch(/^The peer does not know the token\./);

  const secure = await https("good", posted(400, {}));
  const tls = (await steps(makePeer(1, secure))).find(({ step }) => step === "tls");
  expect(tls).toMatchObject({ outcome: "ok", advice: null });
  expect(tls?.result).toMatch(/^TLSv1\.3; the certificate is valid for \d+ days more, until 2120-01-01\.$/);
});
