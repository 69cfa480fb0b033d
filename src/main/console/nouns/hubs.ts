import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { HubRef } from "../../../shared/contract/index.ts";
import { classifyAddress, HubError } from "../../hub/index.ts";
import { labHubId } from "../../lab/index.ts";
import { type Caller, os } from "../caller.ts";
import type { Services } from "../services.ts";
import { AttachError, openRemote } from "../transport/remote.ts";

const Health = z.object({ instance_id: z.string() });
const ASK_MS = 10_000;

/** Which hubs this console may look at. Not for consoles elsewhere: they have their own. */
export function hubsCalls({ inside, setting }: Services) {
  const { ledger, box } = inside;

  const mustBeLocal = ({ local }: Caller): void => {
    if (!local) throw new HubError("forbidden", "A console keeps its list of hubs on its own machine.");
  };

  async function list(): Promise<HubRef[]> {
    const own: HubRef = {
      id: "local",
      name: inside.instanceId,
      url: inside.ownUrl(),
      environment: "local",
      instanceId: inside.instanceId,
    };
    const attached = await ledger.attachedHubs();
    return [
      own,
      ...attached.map(({ id, name, url, environment, instance_id }) => ({
        id,
        name,
        url,
        environment,
        instanceId: instance_id,
      })),
      ...(setting.labs?.current?.lab?.hubs.hubs ?? []).map(
        ({ key, instanceId, hub }): HubRef => ({
          id: labHubId(key),
          name: key,
          url: hub.url,
          environment: "lab",
          instanceId,
        }),
      ),
    ];
  }

  /** @throws HubError `bad_request` when the hub does not let us in */
  async function tryKey(url: string, adminKey: string): Promise<void> {
    try {
      (await openRemote(url, adminKey)).terminate();
    } catch (error) {
      if (!(error instanceof AttachError)) throw error;
      throw new HubError("bad_request", error.message, { field: error.code === 4401 ? "adminKey" : "url" });
    }
  }

  return {
    list: os.hubs.list.handler(({ context }) => {
      mustBeLocal(context);
      return list();
    }),
    add: os.hubs.add.handler(async ({ input, context }) => {
      mustBeLocal(context);
      const { name, environment, adminKey } = input;
      const url = input.url.trim().replace(/\/+$/, "");
      checkUrl(url);
      await tryKey(url, adminKey);
      const instanceId = await instanceOf(url);
      const id = randomUUID();
      const sealed = box.seal(adminKey);
      await ledger.attachHub({ id, name, url, environment, instance_id: instanceId, admin_key: sealed });
      return { id, name, url, environment, instanceId };
    }),
    remove: os.hubs.remove.handler(async ({ input, context }) => {
      mustBeLocal(context);
      if (!z.uuid().safeParse(input.id).success || !(await ledger.detachHub(input.id)))
        throw new HubError("not_found", `There is no hub with id ${input.id} in the list.`);
    }),
  };
}

/** An admin key goes there: in the clear only within this machine, or to an address of a private network. */
function checkUrl(text: string): void {
  const no = (problem: string): never => {
    throw new HubError("bad_request", `url: ${problem}`, { field: "url" });
  };
  if (!URL.canParse(text)) no("is not a URL; write it as https://kite.example.com.");
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") no("must begin with https:// or http://.");
  if (username !== "" || password !== "")
    no("must not hold a user name or password; the admin key is what lets you in.");
  const host = hostname.replace(/^\[|\]$/g, "");
  const near =
    host === "localhost" ||
    host.endsWith(".localhost") ||
    ["private", "loopback"].includes(classifyAddress(host).class);
  if (protocol === "http:" && !near)
    no(`must be https for ${host}: the admin key would go there in the clear. http is for private addresses.`);
}

async function instanceOf(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ASK_MS), redirect: "error" });
    return Health.parse(await response.json()).instance_id;
  } catch {
    return null;
  }
}
