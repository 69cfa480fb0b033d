import { diffCopies, journeyOf, waysTo } from "../../../shared/debugger/index.ts";
import { HubError, readChain } from "../../hub/index.ts";
import { type Caller, os } from "../caller.ts";
import type { Services } from "../services.ts";
import { testify, type Witness } from "../testimony.ts";
import { applyHere } from "./apply-changes.ts";

const MOST_ARRIVALS = 100;

export function explainCalls({ inside, setting }: Services) {
  const { federationDebugger, ledger, instanceId } = inside;

  async function ways(team: string, seq: number) {
    const event = await ledger.event(team, seq);
    if (event === null) throw new HubError("not_found", `There is no event ${seq}; retention may have taken it.`);
    const arrivals = await ledger.arrivals(seq, event.segment, MOST_ARRIVALS);
    const { copy, receivedAt } = event;
    const held = { origin: copy.origin, chain: readChain(copy.chain), hops: copy.hops };
    const others = arrivals.map(({ at, kind, origin, chain, hops }) => ({
      at: at.getTime(),
      kind: kind === "shorter" || kind === "conflict" ? (kind as "shorter" | "conflict") : ("duplicate" as const),
      provenance: { origin, chain: readChain(chain), hops },
    }));
    // The log keeps the shortest copy; when that came later, it stands among the arrivals, and the first one is gone.
    const replaced = others.some(({ kind }) => kind === "shorter");
    const first = { at: receivedAt, kind: "first" as const, provenance: held };
    return waysTo(instanceId, replaced ? others : [first, ...others]);
  }

  /** Every hub this console can look at. Consoles elsewhere see this hub alone, those of a lab all of the lab. */
  async function witnesses(local: boolean): Promise<Witness[]> {
    const own = { url: inside.ownUrl(), adminKey: inside.credentials.adminKey, sameClock: true };
    const labs = local || setting.ofLab === true ? (setting.labs?.current?.lab?.hubs.hubs ?? []) : [];
    const others = labs
      .filter(({ hub }) => hub.url !== own.url)
      .map(({ hub }) => ({ url: hub.url, adminKey: hub.credentials.adminKey, sameClock: true }));
    const attached = local ? await ledger.attachedHubs() : [];
    const away = attached.map(({ url, admin_key }) => ({
      url,
      adminKey: inside.box.open(admin_key),
      sameClock: false,
    }));
    return [own, ...others, ...away];
  }

  async function journey({ team, local }: Caller, seq: number) {
    const event = await ledger.event(team, seq);
    if (event === null) throw new HubError("not_found", `There is no event ${seq}; retention may have taken it.`);
    const asked = (await witnesses(local)).map((witness) => testify(witness, event));
    const told = (await Promise.all(asked)).flatMap((one) => one ?? []);
    const inOrder = told.sort((a, b) => a.testimony.provenance.hops - b.testimony.provenance.hops);
    const changes = inOrder.slice(1).map(({ testimony, copy }, index) => ({
      from: inOrder[index]?.testimony.instanceId ?? "",
      to: testimony.instanceId,
      differences: diffCopies(inOrder[index]?.copy, copy),
    }));
    return { journey: journeyOf(inOrder.map(({ testimony }) => testimony)), changes };
  }

  return {
    map: os.explain.map.handler(async ({ context }) => {
      const { map, problems } = await federationDebugger.map(context.team);
      return { map, problems: [...problems] };
    }),
    event: os.explain.event.handler(({ input, context }) =>
      federationDebugger.explain(context.team, input.event, input.at),
    ),
    probe: os.explain.probe.handler(({ input, context }) => federationDebugger.probe(context.team, input.event)),
    probes: os.explain.probes.handler(async () => ({ answers: await federationDebugger.questions.allowed() })),
    setProbes: os.explain.setProbes.handler(async ({ input }) => {
      await federationDebugger.questions.allow(input.answers);
      return input;
    }),
    whatIf: os.explain.whatIf.handler(async ({ input, context }) => {
      const { problems, calls, ...rest } = await federationDebugger.whatIf(context.team, input);
      return { ...rest, problems: [...problems], calls: [...calls] };
    }),
    apply: os.explain.apply.handler(({ input, context }) => applyHere(inside, context.team, input.changes)),
    journey: os.explain.journey.handler(({ input, context }) => journey(context, input.seq)),
    ways: os.explain.ways.handler(({ input, context }) => ways(context.team, input.seq)),
  };
}

export function lintCalls({ inside: { federationDebugger } }: Services) {
  return { list: os.lint.list.handler(({ context }) => federationDebugger.lint(context.team)) };
}

export function loopCalls({ inside: { federationDebugger } }: Services) {
  return {
    list: os.loops.list.handler(({ input, context }) =>
      federationDebugger.loops(context.team, new Date(input.since), input.stepMs),
    ),
  };
}
