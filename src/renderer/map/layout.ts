import ELK from "elkjs/lib/elk-api.js";
import { type Direction, graphOf, type Placed, placedOf, type Shapes } from "./layout-graph.ts";

let elk: InstanceType<typeof ELK> | undefined;

const startWorker = (): Worker => new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });

/** Lays a graph out in a worker, so that a large one holds nothing up. */
export async function layOut(shapes: Shapes, direction: Direction): Promise<Placed> {
  elk ??= new ELK({ workerFactory: startWorker });
  return placedOf(await elk.layout(graphOf(shapes, direction)));
}
