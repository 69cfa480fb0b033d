import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { registerApi } from "../../src/main/hub/api/index.ts";
import { type ApiUnderTest, createApiUnderTest } from "./api-under-test.ts";

// OpenAPI 3.1, as much of it as this document may use. Strict: what is not named here would go unnoticed elsewhere.
const Schema = z.record(z.string(), z.unknown());
const Content = z.record(z.string().regex(/^[a-z]+\/[a-z+.-]+$/), z.strictObject({ schema: Schema }));
const Parameter = z.strictObject({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean(),
  description: z.string().optional(),
  schema: Schema,
});
const Operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][A-Za-z0-9]+$/),
  summary: z.string().min(1).max(80),
  description: z.string().min(1).optional(),
  tags: z.array(z.string()).length(1),
  parameters: z.array(Parameter).optional(),
  requestBody: z
    .strictObject({ content: Content, required: z.boolean().optional(), description: z.string().optional() })
    .optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({ description: z.string().min(3), content: Content }),
  ),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
const Document = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.unknown()),
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), Schema),
  }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith("/"),
    z.record(z.enum(["get", "post", "patch", "delete", "put"]), Operation.optional()),
  ),
});
type Document = z.infer<typeof Document>;

let api: ApiUnderTest;
let document: Document;
const routes = new Set<string>();

beforeAll(async () => {
  api = await createApiUnderTest();
  const app = Fastify();
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat())
      if (one !== "HEAD" && !url.startsWith("/docs") && !url.endsWith("*")) routes.add(`${one} ${url}`);
  });
  await registerApi(app, api.deps);
  await app.ready();
  const response = await app.inject("/docs/json");
  document = Document.parse(response.json());
  await app.close();
});
afterAll(() => api.close());

const operations = (): { name: string; path: string; operation: z.infer<typeof Operation> }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      operation === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, path, operation }],
    ),
  );

describe("the OpenAPI document", () => {
  it("lists every route", () => {
    const listed = operations().map(({ name }) => name);
    const expected = [...routes].map((route) => route.replaceAll(/:(\w+)/g, "{$1}"));
    expect(listed.toSorted()).toEqual(expected.toSorted());
    expect(listed.length).toBeGreaterThan(35);
  });

  it("gives every operation a name of its own and a tag that is explained", () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { operation } of operations()) expect(tags).toContain(operation.tags[0]);
  });

  it("declares the parameters of every path", () => {
    for (const { path, operation } of operations()) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(inPath.map(({ name }) => name)).toEqual(wanted);
      expect(inPath.every(({ required }) => required)).toBe(true);
    }
  });

  it("says for every route what its errors look like, and for those with a key that there can be no key", () => {
    const problem = { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } };
    for (const { name, operation } of operations()) {
      const statuses = Object.keys(operation.responses);
      if (!name.includes("/health/ready"))
        for (const status of statuses.filter((one) => Number(one) >= 400))
          expect(operation.responses[status]?.content).toEqual(problem);
      expect(statuses).toContain("500");
      if (operation.security === undefined)
        expect(statuses).toEqual(expect.arrayContaining(["400", "401", "403", "503"]));
    }
  });

  it("leaves no reference hanging", () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? "");
    expect(references.length).toBeGreaterThan(50);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    for (const reference of new Set(references)) expect(known).toContain(reference);
  });

  it("labels what is our own design", () => {
    const own = document.tags.filter(({ description }) => description.includes("own design")).map(({ name }) => name);
    expect(own).toContain("Outbox");
    expect(own).not.toContain("Peers");
    expect(own).not.toContain("Tokens");
  });

  it("names no token in what peers look like", () => {
    expect(Object.keys(document.components.schemas["Peer"]?.["properties"] ?? {})).not.toContain("inbound_token");
  });
});

describe("/docs", () => {
  it("is a page for people, with a policy against scripts from elsewhere", async () => {
    const response = await api.app.inject("/docs/");
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toMatch(/^text\/html/);
    expect(response.headers["content-security-policy"]).toBe(
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'none';",
    );
  });
});
