export { AGENT_MESSAGE_TYPE, agentMessage, agentRecipient } from "./agent-message.ts";
export { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_BODY_BYTES, TAKEN_TYPES } from "./body.ts";
export { registerHookRoutes, usageJson } from "./hook-routes.ts";
export { maskedHeaders } from "./original-headers.ts";
export { providerOf } from "./providers/index.ts";
export { limitRates } from "./rate-limit.ts";
export { compose, type ReceiveDeps, type Refusal } from "./receive.ts";
export { bearerToken, type HookRequest } from "./request.ts";
