export { CODES } from "./frames.ts";
export { type StreamOptions, StreamServer } from "./hub-stream.ts";
export { isLoopbackHost } from "./origin.ts";
export { METHODS, method, RawJson, type RpcContext, type RpcMethod } from "./rpc.ts";
export type { SessionInfo } from "./session.ts";
