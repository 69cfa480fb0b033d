/** How to set up one provider's webhooks, for the screen on which an endpoint is made. */
export interface ProviderHint {
  /** The source slug of its endpoints. */
  readonly source: string;
  readonly label: string;
  /** What the provider calls the secret it signs with, and what it looks like. */
  readonly secret: { readonly label: string; readonly looksLike: string };
  /** Who makes the secret: it is copied from the provider, except for GitHub, which takes the hub's. */
  readonly secretFrom: "provider" | "hub";
  /** Where it stands over there. */
  readonly secretAt: string;
  readonly signatureHeader: string;
  /** What to do over there, in order. */
  readonly steps: readonly string[];
  readonly documentation: string;
}

const HINTS = [
  {
    source: "github",
    label: "GitHub",
    secret: { label: "Webhook secret", looksLike: "shown once when the endpoint is created" },
    secretFrom: "hub",
    secretAt: "the repository's Settings, Webhooks",
    signatureHeader: "X-Hub-Signature-256",
    steps: [
      "Open the repository's Settings, then Webhooks, then Add webhook.",
      "Paste the URL as Payload URL, and choose application/json.",
      "Paste the secret, choose the events, and save. Or run kite github install --repo OWNER/REPO.",
    ],
    documentation: "https://docs.github.com/webhooks",
  },
  {
    source: "stripe",
    label: "Stripe",
    secret: { label: "Signing secret", looksLike: "whsec_…" },
    secretFrom: "provider",
    secretAt: "Developers, Webhooks",
    signatureHeader: "Stripe-Signature",
    steps: [
      "Open Developers, then Webhooks, in the dashboard, and add a destination with the URL.",
      "Choose the events, save, and reveal the signing secret.",
      "Set it here, the whole text with whsec_.",
    ],
    documentation: "https://docs.stripe.com/webhooks",
  },
  {
    source: "slack",
    label: "Slack",
    secret: { label: "Signing secret", looksLike: "32 hex digits" },
    secretFrom: "provider",
    secretAt: "the app's Basic Information",
    signatureHeader: "X-Slack-Signature",
    steps: [
      "Copy the signing secret from the app's Basic Information, and set it here first: Slack signs its challenge.",
      "Open Event Subscriptions, paste the URL as Request URL, and wait for Verified.",
      "Subscribe to events. Interactivity and slash commands take the same URL.",
    ],
    documentation: "https://api.slack.com/authentication/verifying-requests-from-slack",
  },
  {
    source: "linear",
    label: "Linear",
    secret: { label: "Signing secret", looksLike: "lin_wh_…" },
    secretFrom: "provider",
    secretAt: "Settings, API, Webhooks",
    signatureHeader: "Linear-Signature",
    steps: [
      "Open Settings, then API, then Webhooks, and add one with the URL.",
      "Copy its signing secret, and set it here.",
    ],
    documentation: "https://linear.app/developers/webhooks",
  },
  {
    source: "shopify",
    label: "Shopify",
    secret: { label: "Client secret", looksLike: "the app's client secret, or the text under Settings, Notifications" },
    secretFrom: "provider",
    secretAt: "the app's configuration, or Settings, Notifications, Webhooks",
    signatureHeader: "X-Shopify-Hmac-Sha256",
    steps: [
      "Subscribe to topics with the URL: in the app's configuration, or under Settings, Notifications, Webhooks.",
      "Set the secret that Shopify names there.",
    ],
    documentation: "https://shopify.dev/docs/apps/build/webhooks",
  },
  {
    source: "twilio",
    label: "Twilio",
    secret: { label: "Auth token", looksLike: "32 hex digits" },
    secretFrom: "provider",
    secretAt: "the account's API keys and tokens",
    signatureHeader: "X-Twilio-Signature",
    steps: [
      "Paste the URL where the number or the messaging service asks for a webhook, with HTTP POST.",
      "Set the account's auth token here.",
      "Twilio signs the URL: behind a proxy or a tunnel, start the hub with --public-url.",
    ],
    documentation: "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
  },
  {
    source: "pagerduty",
    label: "PagerDuty",
    secret: { label: "Signing secret", looksLike: "shown once when the subscription is made" },
    secretFrom: "provider",
    secretAt: "Integrations, Generic Webhooks (v3)",
    signatureHeader: "X-PagerDuty-Signature",
    steps: [
      "Open Integrations, then Generic Webhooks (v3), and add one with the URL.",
      "Copy the secret that is shown once, and set it here.",
    ],
    documentation: "https://developer.pagerduty.com/docs/webhooks-overview",
  },
] as const satisfies readonly ProviderHint[];

/** A provider whose signatures the hub checks, by the source slug of its endpoints. */
export type ProviderName = (typeof HINTS)[number]["source"];

/** One for every such provider. Any other source is protected by the token in its URL alone. */
export const PROVIDER_HINTS: readonly ProviderHint[] = HINTS;
