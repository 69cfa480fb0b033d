export { CODES } from "./frames.ts";
export { isOfKey } from "./handshake.ts";
export { type StreamOptions, StreamServer } from "./hub-stream.ts";
export { method, RawJson, type RpcContext, type RpcMethod } from "./rpc.ts";
export { METHODS } from "./rpc-methods.ts";
export type { SessionInfo } from "./session-world.ts";
export { keptBack } from "./sight.ts";
