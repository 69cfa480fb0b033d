import twilio from "twilio";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HookDoor } from "./hook-door.ts";
import { SAMPLES, type Sample, SLACK_DOCUMENTED } from "./provider-samples.ts";
import { SECRETS, SIGNERS } from "./provider-signers.ts";

let door: HookDoor;
const PROVIDERS = Object.keys(SECRETS) as Sample["provider"][];
const HOST = "hub.example";
const urlOf = ({ provider }: Pick<Sample, "provider">): string => `http://${HOST}/hooks/team/${provider}`;

beforeAll(async () => {
  door = await HookDoor.open();
  for (const provider of PROVIDERS)
    await door.harness.admin.createHook("team", provider, { webhookSecret: SECRETS[provider] });
});
beforeEach(() => {
  door.now = null;
  door.publicUrl = null;
});
afterAll(() => door.close());

/** The headers under which a provider would send a sample. */
async function headersOf(sample: Sample, { secret = SECRETS[sample.provider], now = Date.now() } = {}) {
  const signature = await SIGNERS[sample.provider]({ body: sample.body, secret, url: urlOf(sample), now });
  const contentType = sample.contentType ?? "application/json";
  return { host: HOST, "content-type": contentType, ...sample.headers, ...signature };
}

const sampleOf = (provider: Sample["provider"]): Sample => {
  const sample = SAMPLES.find((each) => each.provider === provider);
  if (sample === undefined) throw new Error(`no sample of ${provider}`);
  return sample;
};

describe.each(SAMPLES)("$provider: $name", (sample) => {
  it("signed by the provider's own code, is let in without a token and says what happened", async () => {
    const answer = await door.post(`/hooks/team/${sample.provider}`, sample.body, await headersOf(sample));
    expect([answer.statusCode, answer.json()]).toEqual([202, expect.objectContaining({ id: door.last?.id })]);
    const { type, source, summary } = sample;
    expect(door.last).toMatchObject({ type, source, summary, verified: true, hook: sample.provider });
    const kept = JSON.parse(door.last?.headers ?? "{}");
    for (const name of Object.keys(sample.headers ?? {}).filter((each) => !each.includes("token")))
      expect(kept).toHaveProperty(name);
    if (sample.contentType === undefined) expect(door.last?.data).toBe(sample.body);
  });

  it("is known when it comes again, within 24 hours of its first arrival", async () => {
    const again = await door.post(`/hooks/team/${sample.provider}`, sample.body, await headersOf(sample));
    expect(again.json()).toMatchObject({ status: sample.deduplicated ? "duplicate_ignored" : "accepted" });
  });

  it("signed with another secret, is refused, and the record says which header", async () => {
    const headers = await headersOf(sample, { secret: "another secret" });
    const seq = door.last?.seq;
    const answer = await door.post(`/hooks/team/${sample.provider}`, sample.body, headers);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().error).toMatch(/does not match/);
    expect(door.last?.seq).toBe(seq);
    expect(door.lastRefusal).toMatchObject({
      reason: "bad_signature",
      evidence: { provider: sample.provider, header: expect.stringContaining("-"), problem: "mismatch" },
    });
  });
});

describe.each(PROVIDERS)("%s", (provider) => {
  const sample = sampleOf(provider);

  it("refuses a body that was changed by one byte", async () => {
    const headers = await headersOf(sample);
    const changed = `${sample.body.slice(0, -2)}${sample.body.at(-2) === "0" ? "1" : "0"}${sample.body.at(-1)}`;
    expect((await door.post(`/hooks/team/${provider}`, changed, headers)).statusCode).toBe(401);
  });

  it.each([
    ["no signature", null, "missing"],
    ["an empty signature", "", "malformed"],
    ["a signature of another make", "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709", "malformed"],
    ["a signature that is no text of its alphabet", "v1=zzzz,t=1,v0=\u00ff", "malformed"],
  ])("says of %s what is wrong", async (_name, value, problem) => {
    const headers: Record<string, string> = await headersOf(sample);
    const name = Object.keys(headers).find((each) => /signature|hmac/.test(each)) ?? "";
    if (value === null) delete headers[name];
    else headers[name] = value;
    const answer = await door.post(`/hooks/team/${provider}`, sample.body, headers);
    expect(answer.statusCode).toBe(401);
    expect(door.lastRefusal).toMatchObject({ reason: "bad_signature", evidence: { header: name, problem } });
  });

  it("lets the old secret in for ten minutes after a rotation, and says later that its time is over", async () => {
    const hook = door.harness.registry.hook("team", provider);
    await door.harness.admin.setHookSecret("team", hook?.id ?? "", `${SECRETS[provider]}-next`);
    try {
      const until = door.harness.registry.hook("team", provider)?.previousSecretUntil?.getTime() ?? 0;
      expect(Math.abs(until - Date.now() - 600_000)).toBeLessThan(30_000);
      const old = await headersOf(sample);
      expect((await door.post(`/hooks/team/${provider}`, sample.body, old)).statusCode).toBeLessThan(300);
      const next = await headersOf(sample, { secret: `${SECRETS[provider]}-next` });
      expect((await door.post(`/hooks/team/${provider}`, sample.body, next)).statusCode).toBeLessThan(300);

      door.now = until + 60_000;
      const late = await headersOf(sample, provider === "linear" ? {} : { now: door.now });
      const answer = await door.post(`/hooks/team/${provider}`, sample.body, late);
      expect(answer.statusCode).toBe(401);
      expect(answer.json().error).toMatch(/secret before the present one/);
      expect(door.lastRefusal?.evidence).toMatchObject({ problem: "expired_secret", expired_s_ago: 60 });
    } finally {
      await door.harness.admin.setHookSecret("team", hook?.id ?? "", SECRETS[provider]);
    }
  });
});

describe("signed times", () => {
  it.each(["stripe", "slack"] as const)(
    "%s: five minutes are allowed either way, and more is told",
    async (provider) => {
      const sample = { ...sampleOf(provider), body: sampleOf(provider).body.replace(/(evt_|Ev)/, `$1${provider}`) };
      door.now = 1_800_000_000_000;
      for (const offBy of [300, -300]) {
        const headers = await headersOf(sample, { now: door.now - offBy * 1000 });
        expect((await door.post(`/hooks/team/${provider}`, sample.body, headers)).statusCode).toBeLessThan(300);
      }
      for (const [offBy, words] of [
        [301, /off by 5 min 1 s;/],
        [-400, /off by 6 min 40 s in the future;/],
      ] as const) {
        const headers = await headersOf(sample, { now: door.now - offBy * 1000 });
        const answer = await door.post(`/hooks/team/${provider}`, sample.body, headers);
        expect(answer.json().error).toMatch(words);
        expect(door.lastRefusal?.evidence).toMatchObject({ problem: "stale", off_by_s: offBy, tolerance_s: 300 });
      }
    },
  );

  it("the signature in Slack's documentation", async () => {
    door.now = SLACK_DOCUMENTED.timestamp * 1000 + 60_000;
    const answer = await door.post("/hooks/team/slack", SLACK_DOCUMENTED.body, {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-signature": SLACK_DOCUMENTED.signature,
      "x-slack-request-timestamp": String(SLACK_DOCUMENTED.timestamp),
    });
    expect(answer.statusCode).toBe(202);
  });

  it("a Stripe header with several signatures, and of another scheme, counts when one fits", async () => {
    const sample = sampleOf("stripe");
    const headers = await headersOf(sample);
    const [t = "", v1 = ""] = (headers as Record<string, string>)["stripe-signature"]?.split(",") ?? [];
    const several = `${t},v0=${"0".repeat(64)},v1=${"1".repeat(64)},${v1}`;
    const answer = await door.post("/hooks/team/stripe", sample.body, { ...headers, "stripe-signature": several });
    expect(answer.statusCode).toBeLessThan(300);
  });
});

describe("Slack's challenge", () => {
  const body = JSON.stringify({
    token: "x",
    challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    type: "url_verification",
  });

  it("is given back when it is signed, and makes no event", async () => {
    const seq = door.last?.seq;
    const headers = await SIGNERS.slack({ body, secret: SECRETS.slack, url: "", now: Date.now() });
    const answer = await door.post("/hooks/team/slack", body, headers);
    expect([answer.statusCode, answer.json()]).toEqual([200, { challenge: JSON.parse(body).challenge }]);
    expect(door.last?.seq).toBe(seq);
  });

  it("is not given back otherwise", async () => {
    expect((await door.post("/hooks/team/slack", body)).statusCode).toBe(401);
  });
});

describe("the URL that Twilio signs", () => {
  const sample = sampleOf("twilio");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const signed = async (url: string, body = sample.body): Promise<Record<string, string>> => ({
    ...form,
    ...(await SIGNERS.twilio({ body, secret: SECRETS.twilio, url, now: 0 })),
  });
  const post = async (headers: Record<string, string>, path = "/hooks/team/twilio"): Promise<number> =>
    (await door.post(path, sample.body, headers)).statusCode;

  it("is the public one when the hub has one", async () => {
    door.publicUrl = "https://hooks.acme.example/kite/";
    const headers = await signed("https://hooks.acme.example/kite/hooks/team/twilio?a=1&b=%20");
    expect(await post({ ...headers, host: "127.0.0.1:7700" }, "/hooks/team/twilio?a=1&b=%20")).toBeLessThan(300);
  });

  it("is the one a tunnel forwards for", async () => {
    const headers = await signed("https://abc.tunnel.example/hooks/team/twilio");
    const forwarded = {
      "x-forwarded-host": "abc.tunnel.example",
      "x-forwarded-proto": "https",
      host: "127.0.0.1:7700",
    };
    expect(await post({ ...headers, ...forwarded })).toBeLessThan(300);
  });

  it.each([
    ["http://hub.example:8080/hooks/team/twilio", "hub.example:8080"],
    ["https://hub.example/hooks/team/twilio", "hub.example"],
    ["https://hub.example:443/hooks/team/twilio", "hub.example"],
    ["http://hub.example/hooks/team/twilio", "hub.example:8080"],
  ])("%s fits a request to %s", async (url, host) => {
    expect(await post({ ...(await signed(url)), host })).toBeLessThan(300);
  });

  it("that is another one is refused; the record shows what was tried, without a token", async () => {
    const { token } = await door.harness.admin.createHook("team", "twilio");
    const headers = await signed("https://elsewhere.example/hooks/team/twilio");
    const answer = await door.post(`/hooks/team/twilio/${token}?q=1`, sample.body, { ...headers, host: HOST });
    expect(answer.statusCode).toBe(401);
    expect(door.lastRefusal?.evidence["urls"]).toContain(`http://${HOST}/hooks/team/twilio/•••?q=1`);
    expect(JSON.stringify(door.lastRefusal?.evidence)).not.toContain(token);
  });

  it("holds the hash of a JSON body", async () => {
    const body = JSON.stringify({ CallSid: "CA1", From: "+1", To: "+2" });
    const path = `/hooks/team/twilio?bodySHA256=${twilio.getExpectedBodyHash(body)}`;
    const signature = twilio.getExpectedTwilioSignature(SECRETS.twilio, `http://${HOST}${path}`, {});
    const headers = { host: HOST, "x-twilio-signature": signature };
    expect(twilio.validateRequestWithBody(SECRETS.twilio, signature, `http://${HOST}${path}`, body)).toBe(true);
    expect((await door.post(path, body, headers)).statusCode).toBe(202);
    expect((await door.post(path, body.replace("+1", "+3"), headers)).statusCode).toBe(401);
  });
});

describe("a delivery that is repeated after more than 24 hours", () => {
  it("is a new event, once", async () => {
    const sample = sampleOf("github");
    const fresh = { ...sample, headers: { ...sample.headers, "x-github-delivery": "late" } };
    const deliver = async () => (await door.post("/hooks/team/github", fresh.body, await headersOf(fresh))).json();
    const first = await deliver();
    expect((await deliver()).status).toBe("duplicate_ignored");
    door.harness.now = door.now = Date.now() + 24 * 3_600_000 + 1_000;
    const both = await Promise.all([deliver(), deliver()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["accepted", "duplicate_ignored"]);
    expect(both[0].id).toBe(both[1].id);
    expect(both[0].id).not.toBe(first.id);
    expect((await deliver()).id).toBe(both[0].id);
  });
});
