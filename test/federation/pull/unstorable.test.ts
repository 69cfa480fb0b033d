import { expect, onTestFinished, test } from "vitest";
import { HubError } from "../../../src/main/hub/errors.ts";
import type { Refusal } from "../../../src/main/hub/federation/inbound/index.ts";
import { PullLink, type PullPorts } from "../../../src/main/hub/federation/pull/pull-link.ts";
import type { Candidate } from "../../../src/main/hub/model.ts";
import { openRealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";

test("a pulled event that the database refuses is passed over with a reason, not silently", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const { team, apiKey } = source.client.address;
  const peer = await source.hub.admin.createPeer(team, {
    name: "source",
    hookUrl: `${source.hub.url}/hooks/${team}/kite`,
    outboundToken: "out",
    inboundToken: "in",
    scopes: [],
    instanceId: "source",
  });
  const refused: Refusal[] = [];
  const stored: (string | null)[] = [];
  const accept = async (candidate: Candidate) => {
    if (candidate.id === "bad") throw new HubError("unstorable");
    stored.push(candidate.id);
    return { status: "accepted" as const, seq: 1, id: candidate.id, forwarded: [] };
  };
  const ports = {
    instanceId: "reader",
    userAgent: "test",
    acceptor: { accept, acceptMany: (many: readonly Candidate[]) => Promise.all(many.map(accept)) },
    refusals: { record: (refusal: Refusal) => void refused.push(refusal) },
    now: Date.now,
    random: () => 0.5,
    peer: () => peer,
    save: async () => true,
    gap: async () => undefined,
    identify: async () => undefined,
    onUp: () => undefined,
    onDown: () => undefined,
  } as unknown as PullPorts;
  const settings = {
    streamUrl: `${source.hub.url.replace(/^http/, "ws")}/ws`,
    remoteTeam: team,
    apiKey,
    clientId: "reader",
    scopes: ["*"],
    maxHops: 3,
    maxBytes: 262_144,
  };
  const link = new PullLink(settings, { cursor: null, remoteSeq: null }, ports);
  onTestFinished(() => link.stop());
  await until("it reads", () => link.snapshot().phase === "reading" && link.snapshot().cursor !== null);

  for (const id of ["one", "bad", "two"]) await source.client.post({ id });
  await until("all were read", () => stored.includes("two") && refused.length > 0);
  expect(refused).toEqual([
    expect.objectContaining({
      reason: "unstorable",
      route: "pull",
      peer: peer.no,
      eventId: "bad",
      evidence: { problem: "The database refused this event's content.", peer_seq: expect.any(Number) },
    }),
  ]);
});
