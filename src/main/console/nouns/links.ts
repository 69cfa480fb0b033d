import type { LinkView } from "../../../shared/contract/index.ts";
import { HubError, type LinkReport, type Peer } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";

export function linkCalls({ inside }: Services) {
  const { registry, admin, links } = inside;

  function find(team: string, id: string): Peer {
    const peer = registry.peerById(id);
    if (peer === undefined || peer.team !== team) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return peer;
  }

  async function one(team: string, id: string): Promise<LinkView> {
    const report = (await links.reports.list(team)).find(({ peer }) => peer.id === id);
    if (report === undefined) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return show(report);
  }

  return {
    list: os.links.list.handler(async ({ context: { team } }) => (await links.reports.list(team)).map(show)),
    get: os.links.get.handler(({ input, context: { team } }) => one(team, input.peerId)),
    pull: os.links.pull.handler(async ({ input, context: { team } }) => {
      const { peerId, streamUrl, remoteTeam, apiKey, scopes, maxHops, maxBytes } = input;
      await links.pulls.put(find(team, peerId), {
        streamUrl,
        remoteTeam,
        apiKey,
        ...(scopes === undefined ? {} : { scopes }),
        ...(maxHops === undefined ? {} : { maxHops }),
        ...(maxBytes === undefined ? {} : { maxBytes }),
      });
      return one(team, peerId);
    }),
    setPullStatus: os.links.setPullStatus.handler(async ({ input: { peerId, status }, context: { team } }) => {
      await links.pulls.setStatus(find(team, peerId), status);
      return one(team, peerId);
    }),
    removePull: os.links.removePull.handler(async ({ input: { peerId }, context: { team } }) => {
      await links.pulls.remove(find(team, peerId));
      return one(team, peerId);
    }),
    confirmInstance: os.links.confirmInstance.handler(async ({ input: { peerId, instanceId }, context: { team } }) => {
      await links.confirmInstance(find(team, peerId), instanceId);
      return one(team, peerId);
    }),
    rotateToken: os.links.rotateToken.handler(async ({ input: { peerId, overlap }, context: { team } }) => {
      const { token, until } = await admin.rotateInboundToken(team, find(team, peerId).id, overlap);
      return { token, previousValidUntil: until.getTime() };
    }),
    test: os.links.test.handler(async function* ({ input, context: { team } }) {
      for await (const { durationMs: duration, ...step } of links.test(find(team, input.peerId)))
        yield { ...step, duration };
    }),
  };
}

function show({ peer, state, directions, pull }: LinkReport): LinkView {
  const { no, id, name, instanceId, strangerId, environment, label, colour, receiveOnly } = peer;
  return {
    peer: { no, id, name },
    state,
    instanceId,
    strangerId,
    environment,
    label,
    colour,
    receiveOnly,
    directions: directions.map(({ clockOffsetMs: clockOffset, ...rest }) => ({ ...rest, clockOffset })),
    pull: pull === null ? null : showPull(pull),
  };
}

function showPull(pull: NonNullable<LinkReport["pull"]>): NonNullable<LinkView["pull"]> {
  const { streamUrl, remoteTeam, scopes, maxHops, maxBytes, status, statusReason, confirmed, running } = pull;
  return {
    streamUrl,
    remoteTeam,
    scopes: [...scopes],
    maxHops,
    maxBytes,
    status,
    statusReason,
    cursor: pull.cursor,
    remoteSeq: pull.remoteSeq,
    phase: running?.phase ?? null,
    error: running?.error ?? null,
    retryAt: running?.retryAt ?? null,
    confirmed,
    gaps: pull.gaps.map(({ at, fromSeq, toSeq, reason }) => ({ at: at.getTime(), fromSeq, toSeq, reason })),
  };
}
