import type { LabView } from "../../../shared/contract/index.ts";
import { labTopology } from "../../../shared/lab/index.ts";
import { HubError } from "../../hub/index.ts";
import { type Labs, labHubId, type OpenLab } from "../../lab/index.ts";
import { type Caller, os } from "../caller.ts";
import type { Services } from "../services.ts";

/** Labs run on the machine of the console; a console elsewhere has its own. */
export function labCalls({ setting }: Services) {
  const labsOf = ({ local }: Caller): Labs => {
    if (!local) throw new HubError("forbidden", "Labs run on the machine of the console that opens them.");
    if (setting.labs === undefined) throw new HubError("unsupported", "This program runs no labs.");
    return setting.labs;
  };
  return {
    recipes: os.lab.recipes.handler(async ({ context }) => {
      const files = await labsOf(context).recipes();
      return files.map((file) => ({ name: file.name, lesson: file.lesson, file }));
    }),
    get: os.lab.get.handler(({ context }) => {
      const { current } = labsOf(context);
      return current === null ? null : show(current);
    }),
    open: os.lab.open.handler(({ input, context }) => show(labsOf(context).open(input.file, input.run))),
    take: os.lab.take.handler(async ({ input, context }) => show(await labsOf(context).take(input.step))),
    startTraffic: os.lab.startTraffic.handler(({ input, context }) => show(labsOf(context).startTraffic(input))),
    stopTraffic: os.lab.stopTraffic.handler(({ input, context }) => show(labsOf(context).stopTraffic(input.at))),
    run: os.lab.run.handler(({ context }) => show(labsOf(context).run())),
    close: os.lab.close.handler(({ context }) => labsOf(context).close()),
    timeline: os.lab.timeline.handler(async ({ input, context }) => {
      const entries = await labsOf(context).timeline(input.limit);
      return entries.map(({ at, chain, ...rest }) => ({ ...rest, at: Date.parse(at), chain: [...chain] }));
    }),
  };
}

function show({ file, state, started, lab, standing, taken, report, error }: OpenLab): LabView {
  const { instances, links } = labTopology(file.topology);
  const order = instances.map(({ key }) => key);
  return {
    file,
    state,
    startMs: lab?.startMs ?? null,
    hubs: started
      .map(({ key, instanceId, hub }) => ({
        key,
        instanceId,
        url: hub.url,
        hubId: labHubId(key),
        events: standing?.events.get(key) ?? 0,
      }))
      .sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key)),
    links: links.map(({ id, from, to, policy }) => {
      const proxy = lab?.hubs.proxy(id);
      const counts = standing?.links.get(id) ?? { waiting: 0, delivered: 0, dead: 0, stopped: 0 };
      const paused = lab?.paused.has(id) ?? policy.status !== "active";
      return { id, from, to, fault: proxy?.fault ?? null, paused, requests: proxy?.seen ?? 0, ...counts };
    }),
    published: lab?.published.length ?? 0,
    traffic: [...(lab?.traffic ?? [])],
    taken: [...taken],
    quiet: standing?.quiet ?? true,
    standing: standing?.expectations === null || standing === null ? null : [...standing.expectations],
    story: [...(lab?.story ?? [])],
    report,
    error,
  };
}
