import type { PairingView } from "../../../shared/contract/index.ts";
import type { PairingStanding, Peer } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";

export function pairingCalls({ inside }: Services) {
  const { pairing, kite } = inside.links;
  return {
    list: os.pairing.list.handler(async ({ context: { team } }) => (await pairing.list(team)).map(show)),
    get: os.pairing.get.handler(async ({ input, context: { team } }) => show(await pairing.get(team, input.id))),
    offer: os.pairing.offer.handler(async ({ input: { url, expiresIn, ...offer }, context: { team } }) => {
      const made = await pairing.offer(team, { ...offer, expiresInMs: expiresIn, ...(url === null ? {} : { url }) });
      return { link: made.link, pairing: show(made.pairing) };
    }),
    preview: os.pairing.preview.handler(({ input }) => {
      const { id, url, instance: instanceId, offer, expires: expiresAt } = pairing.preview(input.link);
      return { id, url, instanceId, offer, expiresAt };
    }),
    open: os.pairing.open.handler(async ({ input: { link, allowPrivate, url }, context: { team } }) =>
      show(await pairing.open(team, link, { allowPrivate, ...(url === undefined ? {} : { url }) })),
    ),
    confirm: os.pairing.confirm.handler(async ({ input: { id, name, sendTo, ...choice }, context: { team } }) => {
      const named = { ...(name === undefined ? {} : { name }), ...(sendTo === undefined ? {} : { sendTo }) };
      return show(await pairing.confirm(team, id, { ...choice, ...named }));
    }),
    refuse: os.pairing.refuse.handler(async ({ input, context: { team } }) =>
      show(await pairing.refuse(team, input.id)),
    ),
    kite: os.pairing.kite.handler(async ({ input: { scopes, maxHops, ...server }, context: { team } }) => {
      const limits = { ...(scopes === undefined ? {} : { scopes }), ...(maxHops === undefined ? {} : { maxHops }) };
      const { peer, todo, problem } = await kite.pair(team, { ...server, ...limits });
      return {
        peer: refOf(peer),
        todo: todo === null ? null : { about: todo.about, commands: [...todo.commands] },
        problem,
      };
    }),
  };
}

function show({ other, peer, ...rest }: PairingStanding): PairingView {
  return {
    ...rest,
    other:
      other === null
        ? null
        : {
            instanceId: other.instance_id,
            team: other.team,
            hookUrl: other.hook_url,
            streamUrl: other.stream_url,
          },
    peer: peer === null ? null : refOf(peer),
  };
}

const refOf = ({ no, id, name }: Peer) => ({ no, id, name });
