import { createHmac, randomBytes, randomInt, randomUUID } from "node:crypto";

/** One webhook as its provider sends it. */
export interface Webhook {
  readonly source: "github" | "stripe" | "shop";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const pick = <T>(values: readonly [T, ...T[]]): T => values[randomInt(values.length)] ?? values[0];
const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
const stripeId = (prefix: string): string =>
  `${prefix}_1${randomBytes(12).toString("base64url").replaceAll(/[-_]/g, "x")}`;

const PEOPLE = ["ana-lima", "jonas-weber", "mei-tanaka", "priya-n", "dependabot[bot]"] as const;
const REPOSITORIES = ["acme/checkout", "acme/web", "acme/ledger", "acme/infra"] as const;
const TITLES = [
  "Retry the capture when the network blinks",
  "Round tax per line, not per order",
  "Move sessions to the new store",
  "Bump undici from 7.30.1 to 7.30.2",
  "Show the invoice before the payment",
] as const;
const BRANCHES = ["main", "fix/capture-retry", "feat/tax-lines", "chore/deps"] as const;

/** A delivery of GitHub, signed with the endpoint's secret. */
export function githubWebhook(secret: string): Webhook {
  const login = pick(PEOPLE);
  const fullName = pick(REPOSITORIES);
  const number = randomInt(310, 420);
  const repository = { id: 771_204, full_name: fullName, html_url: `https://github.com/${fullName}`, private: true };
  const sender = { login, type: login.endsWith("[bot]") ? "Bot" : "User" };
  const title = pick(TITLES);
  const [event, payload] = pick<readonly [string, object]>([
    [
      "push",
      {
        ref: `refs/heads/${pick(BRANCHES)}`,
        before: hex(20),
        after: hex(20),
        commits: Array.from({ length: randomInt(1, 4) }, () => ({
          id: hex(20),
          message: title,
          author: { name: login },
        })),
        pusher: { name: login },
        repository,
        sender,
      },
    ],
    [
      "pull_request",
      {
        action: pick(["opened", "synchronize", "closed", "reopened"]),
        number,
        pull_request: {
          number,
          title,
          merged: randomInt(2) === 0,
          additions: randomInt(1, 400),
          deletions: randomInt(0, 120),
        },
        repository,
        sender,
      },
    ],
    [
      "workflow_run",
      {
        action: "completed",
        workflow_run: {
          id: randomInt(9_000_000_000, 9_900_000_000),
          name: pick(["CI", "Deploy staging", "Nightly"]),
          head_branch: pick(BRANCHES),
          head_sha: hex(20),
          conclusion: pick(["success", "success", "failure", "cancelled"]),
        },
        repository,
        sender,
      },
    ],
    [
      "issues",
      {
        action: pick(["opened", "closed", "labeled"]),
        issue: { number, title, labels: [{ name: "bug" }] },
        repository,
        sender,
      },
    ],
  ]);
  const body = JSON.stringify(payload);
  return {
    source: "github",
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/3b1c2a7",
      "x-github-event": event,
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  };
}

/** An event of Stripe, signed as Stripe signs. */
export function stripeWebhook(secret: string): Webhook {
  const amount = pick([1_900, 4_900, 12_900, 24_000, 99_000]);
  const currency = pick(["eur", "usd"]);
  const customer = stripeId("cus");
  const [type, object] = pick<readonly [string, object]>([
    [
      "payment_intent.succeeded",
      { id: stripeId("pi"), object: "payment_intent", amount, currency, customer, status: "succeeded" },
    ],
    [
      "payment_intent.payment_failed",
      {
        id: stripeId("pi"),
        object: "payment_intent",
        amount,
        currency,
        customer,
        status: "requires_payment_method",
        last_payment_error: { code: "card_declined", decline_code: pick(["insufficient_funds", "do_not_honor"]) },
      },
    ],
    [
      "invoice.paid",
      {
        id: stripeId("in"),
        object: "invoice",
        amount_paid: amount,
        currency,
        customer,
        number: `A-${randomInt(1000, 9999)}`,
      },
    ],
    ["charge.refunded", { id: stripeId("ch"), object: "charge", amount, amount_refunded: amount, currency, customer }],
    [
      "customer.subscription.updated",
      { id: stripeId("sub"), object: "subscription", customer, status: pick(["active", "past_due"]) },
    ],
  ]);
  const created = Math.floor(Date.now() / 1_000);
  const body = JSON.stringify({
    id: stripeId("evt"),
    object: "event",
    api_version: "2025-09-30.clover",
    created,
    type,
    livemode: false,
    pending_webhooks: 1,
    data: { object },
  });
  const signature = createHmac("sha256", secret).update(`${created}.${body}`).digest("hex");
  return {
    source: "stripe",
    body,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      "stripe-signature": `t=${created},v1=${signature}`,
    },
  };
}

/** An order of the shop, a CloudEvent of our own. */
export function order(): Webhook {
  const lines = Array.from({ length: randomInt(1, 5) }, () => ({
    sku: pick(["KITE-STD", "KITE-PRO", "LINE-30M", "BAG-BLUE"]),
    quantity: randomInt(1, 4),
    unit: pick([1_900, 4_900, 12_900]),
  }));
  const data = {
    order: `o-${randomInt(10_000, 99_999)}`,
    customer: pick(["Ana Lima", "Jonas Weber", "Mei Tanaka"]),
    lines,
    total: lines.reduce((sum, { quantity, unit }) => sum + quantity * unit, 0),
    currency: "EUR",
  };
  return {
    source: "shop",
    headers: { "content-type": "application/cloudevents+json" },
    body: JSON.stringify({
      specversion: "1.0",
      id: randomUUID(),
      source: "https://shop.acme.example/orders",
      type: pick(["com.acme.order.placed", "com.acme.order.paid", "com.acme.order.shipped"]),
      time: new Date().toISOString(),
      datacontenttype: "application/json",
      data,
    }),
  };
}

/** What one agent writes to another. */
export function agentMessage(): object {
  const [from, to, body] = pick<readonly [string, string, string]>([
    ["triage", "deploy", "CI is red on acme/checkout: two tests in capture.spec fail since 4f1c9e2. Hold the release."],
    ["deploy", "triage", "Held. Staging stays on 2.14.1; tell me when main is green."],
    ["billing", "support", "Refund for o-48213 went through, 129.00 EUR. The customer should see it within five days."],
    ["support", "billing", "Customer asks why invoice A-2207 has two tax lines. Can you look?"],
  ]);
  return { from, to, body, thread_id: `thread-${randomInt(1, 9)}` };
}
