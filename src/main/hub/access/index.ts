export { EndpointActivity } from "./activity.ts";
export {
  type CreatedEndpoint,
  type EndpointAdmin,
  Endpoints,
  type EndpointView,
  type GithubInstall,
  NewEndpoint,
} from "./endpoints.ts";
export { type CreatedKey, type KeyAdmin, Keys, type KeyView, NewKey } from "./keys.ts";
export {
  askedScopes,
  type ListenerScopes,
  type ParsedScopes,
  parseScopes,
  type ScopedEvent,
  within,
} from "./scopes.ts";
