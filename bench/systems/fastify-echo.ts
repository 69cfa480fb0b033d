// Run as a process of its own: what Fastify alone can take on this machine.
import Fastify from "fastify";
import { serve, service } from "../processes/serve.ts";
import { START_ECHO } from "./fastify-calls.ts";

async function start(): Promise<string> {
  const app = Fastify({ logger: false });
  app.post("/", (request, reply) => reply.code(202).send(request.body));
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/`;
}

serve(service(START_ECHO, start));
