import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";

const KITE = "As the hosted Kite has it.";
const OWN = "Kite Desktop's own design: the hosted Kite publishes nothing about this.";

const TAGS = [
  { name: "Peers", description: `${KITE} Members that are not in Kite's documentation are our own.` },
  { name: "Tokens", description: KITE },
  { name: "Agent messages", description: KITE },
  { name: "Endpoints", description: OWN },
  { name: "API keys", description: OWN },
  { name: "Events", description: OWN },
  { name: "Decisions", description: OWN },
  { name: "Outbox", description: OWN },
  { name: "Attempts", description: OWN },
  { name: "Dead letters", description: OWN },
  { name: "Replays", description: OWN },
  { name: "Refusals", description: OWN },
  { name: "Stats", description: OWN },
  { name: "Lanes", description: OWN },
  { name: "Debugger", description: OWN },
  { name: "Links", description: OWN },
  { name: "Pairing", description: OWN },
  { name: "Operation", description: OWN },
  { name: "Not offered", description: "Features of the hosted Kite that this hub answers with 501." },
];

const MEANINGS: Readonly<Record<string, string>> = {
  200: "Success",
  201: "Created",
  202: "Accepted",
  400: "The request is malformed; the sentence says where",
  401: "The API key is missing, unknown, expired or revoked",
  403: "The API key lacks the permission, or belongs to another team",
  404: "There is no such thing",
  409: "Not possible in the present state",
  412: "It was changed since the version in If-Match",
  413: "Too large",
  500: "Something went wrong inside the hub",
  501: "Not offered by this hub",
  502: "The other side cannot be reached; the sentence says why",
  503: "Not possible right now; try again after the time in Retry-After",
};

/** The page is complete in itself. It is served over http, so nothing may ask for an upgrade to https either. */
const POLICY = {
  "default-src": "'self'",
  "img-src": ["'self'", "data:"],
  "style-src": ["'self'", "'unsafe-inline'"],
  "object-src": "'none'",
  "base-uri": "'self'",
  "frame-ancestors": "'none'",
};

/** Documents every route that has a schema, at `/docs` for people and `/docs/json` for programs. */
export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    // Entrances of the wire, which others call, have no tag: their shapes are Kite's, and are not described here.
    hideUntagged: true,
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Kite Desktop",
        version,
        description:
          "The REST API of a Kite hub. Every error is a JSON object with a sentence in `error`. A path that is asked with a " +
          "method it does not take answers 405, and names those it takes in `Allow`. Lists are paged by `limit` and an " +
          "opaque `cursor`; the page after the last one is null.",
      },
      tags: TAGS,
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key." } } },
      security: [{ apiKey: [] }],
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
    transformObject: (document) => withMeanings(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: POLICY,
    // Nothing of this page goes to, or comes from, anywhere else.
    uiConfig: { validatorUrl: null },
  });
}

/** Says in words what each status means; the generator knows only the word "default". */
function withMeanings(document: ReturnType<typeof jsonSchemaTransformObject>): typeof document {
  for (const path of Object.values(document.paths ?? {}))
    for (const operation of Object.values(path ?? {}))
      for (const [status, response] of Object.entries(responsesOf(operation)))
        if (response.description === "Default Response") response.description = MEANINGS[status] ?? "Success";
  return document;
}

function responsesOf(operation: unknown): Record<string, { description?: string }> {
  if (typeof operation !== "object" || operation === null || !("responses" in operation)) return {};
  return operation.responses as Record<string, { description?: string }>;
}
