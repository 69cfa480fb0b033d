import { z } from "zod";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const LaneObject = z
  .object({
    peer_id: z.uuid(),
    peer_name: z.string(),
    status: z.enum(["active", "paused", "revoked"]),
    queued: z.int().describe("Entries in memory that are not on the wire."),
    in_flight: z.int().describe("Entries on the wire."),
    breaker: z.enum(["closed", "open", "half_open"]),
    waiting_until: z.iso.datetime().nullable(),
    wait_reason: z.string().nullable(),
  })
  .meta({ id: "Lane" });

/** `/api/federation/lanes`: what the sender of each peer is doing right now. */
export function laneRoutes(app: Api, { deps: { lanes, registry }, needs }: RouteContext): void {
  app.get(
    "/lanes",
    {
      onRequest: needs("read"),
      schema: {
        ...about("Lanes", "listLanes", "Show the lanes", "One for each peer, as this process sees it at this moment."),
        querystring: TeamQuery,
        response: answers(z.object({ items: z.array(LaneObject) })),
      },
    },
    async (request) => {
      const team = teamOf(request);
      const items = lanes.snapshot().flatMap((lane): z.infer<typeof LaneObject>[] => {
        const peer = registry.peerByNo(lane.peer);
        if (peer === undefined || peer.team !== team) return [];
        return [
          {
            peer_id: peer.id,
            peer_name: peer.name,
            status: peer.status,
            queued: lane.queued,
            in_flight: lane.inFlight,
            breaker: lane.breaker,
            waiting_until: lane.waitingUntil === null ? null : new Date(lane.waitingUntil).toISOString(),
            wait_reason: lane.waitReason,
          },
        ];
      });
      return { items };
    },
  );
}
