import type { ProviderName } from "../../src/shared/provider-hints.ts";

/**
 * Webhooks as the providers document them, cut to a readable size. What they should become stands next to them.
 */
export interface Sample {
  readonly provider: ProviderName;
  readonly name: string;
  /** Headers besides the signature. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body: string;
  readonly type: string;
  readonly source: string;
  readonly summary: string;
  /** True when a second delivery is known by an id of the provider's. */
  readonly deduplicated?: boolean;
}

const FORM = "application/x-www-form-urlencoded";

const githubRepository = {
  id: 186853002,
  name: "Hello-World",
  full_name: "Codertocat/Hello-World",
  html_url: "https://github.com/Codertocat/Hello-World",
};
const codertocat = { login: "Codertocat", id: 21031067, type: "User" };

/** From Slack's page on verifying requests, with the signature it shows for it. */
export const SLACK_DOCUMENTED = {
  secret: "8f742231b10e8888abcd99yyyzzz85a5",
  timestamp: 1_531_420_618,
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  body:
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
    "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
};

export const SAMPLES: readonly Sample[] = [
  {
    provider: "github",
    name: "push",
    headers: { "x-github-event": "push", "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958" },
    body: JSON.stringify({
      ref: "refs/heads/main",
      before: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
      after: "1111111111111111111111111111111111111111",
      repository: githubRepository,
      pusher: { name: "Codertocat", email: "21031067+Codertocat@users.noreply.github.com" },
      sender: codertocat,
      commits: [{ id: "1" }, { id: "2" }, { id: "3" }],
    }),
    type: "com.github.push",
    source: "https://github.com/Codertocat/Hello-World",
    summary: "Codertocat pushed 3 commits to main in Codertocat/Hello-World",
    deduplicated: true,
  },
  {
    provider: "github",
    name: "pull_request merged, as a form",
    contentType: FORM,
    headers: { "x-github-event": "pull_request", "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0959" },
    body: `payload=${encodeURIComponent(
      JSON.stringify({
        action: "closed",
        number: 2,
        pull_request: { number: 2, title: "Update the README with new information.", merged: true, user: codertocat },
        repository: githubRepository,
        sender: codertocat,
      }),
    )}`,
    type: "com.github.pull_request",
    source: "https://github.com/Codertocat/Hello-World",
    summary: "Codertocat merged pull request #2: Update the README with new information. in Codertocat/Hello-World",
    deduplicated: true,
  },
  {
    provider: "stripe",
    name: "payment_intent.succeeded",
    body: JSON.stringify(
      {
        id: "evt_1MqqbKLt4dXK03v5qaIbiNCC",
        object: "event",
        api_version: "2025-03-31.basil",
        created: 1680064028,
        type: "payment_intent.succeeded",
        data: {
          object: { id: "pi_3MtwBwLkdIwHu7ix28a3tqPa", object: "payment_intent", amount: 2000, currency: "usd" },
        },
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
      },
      null,
      2,
    ),
    type: "com.stripe.payment_intent.succeeded",
    source: "https://api.stripe.com",
    summary: "Payment of 20.00 USD succeeded (pi_3MtwBwLkdIwHu7ix28a3tqPa)",
    deduplicated: true,
  },
  {
    provider: "stripe",
    name: "invoice.payment_failed in yen",
    body: JSON.stringify({
      id: "evt_1invoice",
      object: "event",
      type: "invoice.payment_failed",
      data: { object: { id: "in_1", object: "invoice", number: "A1B2-0001", amount_due: 1500, currency: "jpy" } },
    }),
    type: "com.stripe.invoice.payment_failed",
    source: "https://api.stripe.com",
    summary: "Invoice of 1500 JPY payment failed (A1B2-0001)",
    deduplicated: true,
  },
  {
    provider: "slack",
    name: "app_mention",
    body: JSON.stringify({
      token: "ZZZZZZWSxiZZZ2yIvs3peJ",
      team_id: "T123ABC456",
      api_app_id: "A123ABC456",
      event: {
        type: "app_mention",
        user: "U123ABC456",
        text: "What is the hour of the pearl, <@U0LAN0Z89>?",
        ts: "1515449522.000016",
        channel: "C123ABC456",
        event_ts: "1515449522000016",
      },
      type: "event_callback",
      event_id: "Ev123ABC456",
      event_time: 1515449522000016,
      authed_users: ["U0LAN0Z89"],
    }),
    type: "com.slack.app_mention",
    source: "https://slack.com/T123ABC456",
    summary: "U123ABC456 mentioned the app in C123ABC456: What is the hour of the pearl, <@U0LAN0Z89>?",
    deduplicated: true,
  },
  {
    provider: "slack",
    name: "slash command",
    contentType: FORM,
    body: SLACK_DOCUMENTED.body,
    type: "com.slack.slash_command",
    source: "https://slack.com/T1DC2JH3J",
    summary: "roadrunner ran /webhook-collect in #foobar",
  },
  {
    provider: "slack",
    name: "block_actions",
    contentType: FORM,
    body: `payload=${encodeURIComponent(
      JSON.stringify({
        type: "block_actions",
        team: { id: "T9TK3CUKW", domain: "example" },
        user: { id: "UA8RXUSPL", username: "jtorrance", team_id: "T9TK3CUKW" },
        api_app_id: "AABA1ABCD",
        actions: [{ action_id: "WaXA", block_id: "=qXel", value: "click_me_123", type: "button" }],
      }),
    )}`,
    type: "com.slack.block_actions",
    source: "https://slack.com/T9TK3CUKW",
    summary: "jtorrance: block actions WaXA",
  },
  {
    provider: "linear",
    name: "issue created",
    headers: { "linear-event": "Issue", "linear-delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72" },
    body: JSON.stringify({
      action: "create",
      type: "Issue",
      actor: { id: "b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba", type: "user", name: "Ana Rivera" },
      createdAt: "2020-01-23T12:53:18.084Z",
      data: { id: "539068e2-ae88-4d09-bd75-22eb4a59612f", identifier: "LIN-1778", title: "Fix the webhook" },
      url: "https://linear.app/acme/issue/LIN-1778/fix-the-webhook",
      webhookTimestamp: Date.now(),
      webhookId: "000042e3-d123-4980-b49f-8e140eef9329",
    }),
    type: "com.linear.Issue",
    source: "https://linear.app/acme",
    summary: "Ana Rivera created issue LIN-1778: Fix the webhook",
    deduplicated: true,
  },
  {
    provider: "linear",
    name: "comment created",
    headers: { "linear-event": "Comment", "linear-delivery": "234d1a4e-b617-4388-90fe-adc3633d6b73" },
    body: JSON.stringify({
      action: "create",
      type: "Comment",
      actor: { id: "b5ea5f1f", type: "user", name: "Ana Rivera" },
      data: {
        id: "2174add1",
        body: "Indeed, I think this\nis definitely an improvement",
        issue: { identifier: "LIN-7" },
      },
      url: "https://linear.app/acme/issue/LIN-7/foo#comment-77217de3",
      webhookTimestamp: Date.now(),
    }),
    type: "com.linear.Comment",
    source: "https://linear.app/acme",
    summary: "Ana Rivera commented on LIN-7: Indeed, I think this is definitely an improvement",
    deduplicated: true,
  },
  {
    provider: "shopify",
    name: "orders/create",
    headers: {
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": "acme.myshopify.com",
      "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "x-shopify-api-version": "2025-07",
    },
    body: JSON.stringify({
      id: 820982911946154500,
      admin_graphql_api_id: "gid://shopify/Order/820982911946154508",
      name: "#9999",
      currency: "EUR",
      total_price: "199.65",
      customer: { first_name: "Jöhn" },
    }),
    type: "com.shopify.orders/create",
    source: "https://acme.myshopify.com",
    summary: "Order #9999 created for 199.65 EUR in acme.myshopify.com",
    deduplicated: true,
  },
  {
    provider: "twilio",
    name: "incoming message",
    contentType: FORM,
    body:
      "ToCountry=US&ToState=CA&SmsMessageSid=SM5ab7891328b440f04b7c83b459fc85fd&NumMedia=0&ToCity=SAN+FRANCISCO" +
      "&FromZip=30512&SmsSid=SM5ab7891328b440f04b7c83b459fc85fd&FromState=GA&SmsStatus=received&FromCity=BLAIRSVILLE" +
      "&Body=Gr%C3%BC%C3%9Fe+%26+more&FromCountry=US&To=%2B14152001331&MessageSid=SM5ab7891328b440f04b7c83b459fc85fd" +
      "&AccountSid=AC08d09a1b3c&From=%2B17065550000&ApiVersion=2010-04-01",
    type: "com.twilio.message",
    source: "https://api.twilio.com/AC08d09a1b3c",
    summary: "Message from +17065550000 to +14152001331 received: Grüße & more",
    deduplicated: true,
  },
  {
    provider: "twilio",
    name: "call, with a field that comes twice",
    contentType: FORM,
    headers: { "i-twilio-idempotency-token": "0f1e2d3c-call" },
    body: "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=2&Digits=1&From=%2B12349013030&To=%2B18005551212&CallStatus=in-progress&Empty=",
    type: "com.twilio.call",
    source: "https://api.twilio.com",
    summary: "Call from +12349013030 to +18005551212 in-progress",
    deduplicated: true,
  },
  {
    provider: "pagerduty",
    name: "incident.priority_updated",
    body: JSON.stringify({
      event: {
        id: "5ac64822-4adc-4fda-ade0-410becf0de4f",
        event_type: "incident.priority_updated",
        resource_type: "incident",
        occurred_at: "2020-10-02T18:45:22.169Z",
        agent: { id: "PLH1HKV", summary: "Tenex Engineer", type: "user_reference" },
        client: { name: "PagerDuty" },
        data: {
          id: "PGR0VU2",
          type: "incident",
          html_url: "https://acme.pagerduty.com/incidents/PGR0VU2",
          number: 2,
          status: "triggered",
          title: "A little bump in the road",
          service: { id: "PF9KMXH", summary: "API Service", type: "service_reference" },
        },
      },
    }),
    type: "com.pagerduty.incident.priority_updated",
    source: "https://acme.pagerduty.com",
    summary: "Incident #2 priority updated by Tenex Engineer on API Service: A little bump in the road",
    deduplicated: true,
  },
];
