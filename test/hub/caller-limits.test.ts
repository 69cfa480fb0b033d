import Fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { limitCallers } from "../../src/main/hub/rate-window.ts";
import { openRealHub } from "../support/real-hub.ts";

async function limited() {
  let now = 5_000;
  const app = Fastify();
  onTestFinished(() => app.close());
  limitCallers(app, "questions", { perAddress: 3, total: 5 }, () => now);
  app.get("/", async () => "answer");
  const ask = async (remoteAddress: string) => {
    const { statusCode, headers, body } = await app.inject({ method: "GET", url: "/", remoteAddress });
    return { status: statusCode, retryAfter: headers["retry-after"], body };
  };
  return { ask, pass: (ms: number) => (now += ms) };
}

test("one address has its share of what all may ask, and is told when to come back", async () => {
  const { ask, pass } = await limited();
  for (let n = 0; n < 3; n++) expect((await ask("10.0.0.1")).status).toBe(200);
  pass(2_500);
  const refused = await ask("10.0.0.1");
  expect(refused).toMatchObject({ status: 429, retryAfter: "8" });
  expect(JSON.parse(refused.body)).toEqual({
    error: "Too many questions at a time; try again in 8 s.",
    code: "rate_limited",
    retry_after_secs: 8,
  });
  expect((await ask("10.0.0.2")).status).toBe(200);
  pass(7_500);
  expect((await ask("10.0.0.1")).status).toBe(200);
});

test("many addresses together have no more than the total", async () => {
  const { ask, pass } = await limited();
  const statuses = [];
  for (let n = 0; n < 8; n++) statuses.push((await ask(`10.0.1.${n}`)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  pass(10_000);
  expect((await ask("10.0.1.7")).status).toBe(200);
});

test("behind a proxy that is trusted callers are told apart, and nobody else's word for it is taken", async () => {
  const { hub } = await openRealHub({ instanceId: "here", trustedProxies: ["127.0.0.1", "10.0.0.0/8"] });
  const direct = await openRealHub({ instanceId: "direct" });
  const statuses = async (url: string, of: (n: number) => string): Promise<Set<number>> => {
    const ask = async (_: unknown, n: number): Promise<number> => {
      const headers = { "x-forwarded-for": of(n) };
      return (await fetch(`${url}/hooks/team/kite/probe`, { method: "POST", body: "{}", headers })).status;
    };
    return new Set(await Promise.all(Array.from({ length: 150 }, ask)));
  };
  expect(await statuses(hub.url, (n) => `192.0.2.${n}, 10.1.2.3`)).toEqual(new Set([401]));
  // What the caller itself has written stands before what the proxies have added.
  expect(await statuses(hub.url, (n) => `203.0.113.${n}, 198.51.100.1`)).toContain(429);
  expect(await statuses(direct.hub.url, (n) => `192.0.2.${n}`)).toContain(429);
});

test.each([
  ["messages of pairings", "/pair/0190a0b0-0000-7000-8000-000000000000/hello", 100, 404],
  ["questions of peers", "/hooks/team/kite/probe", 128, 401],
])("a hub bounds %s that come from one address", async (what, path, most, otherwise) => {
  const { hub } = await openRealHub({ instanceId: "here" });
  const ask = async () => {
    const answer = await fetch(`${hub.url}${path}`, { method: "POST", body: "{}" });
    return { status: answer.status, retryAfter: answer.headers.get("retry-after"), text: await answer.text() };
  };
  const answers = await Promise.all(Array.from({ length: most + 5 }, ask));
  expect(answers.filter(({ status }) => status === otherwise)).toHaveLength(most);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(5);
  expect(Number(refused[0]?.retryAfter)).toBeGreaterThan(0);
  expect(refused[0]?.text).toContain(`Too many ${what} at a time`);
  // Nothing else is slowed down by it.
  expect((await fetch(`${hub.url}/health`)).status).toBe(200);
});
