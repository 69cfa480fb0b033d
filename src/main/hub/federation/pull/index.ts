export { askPeer, askRecent } from "./ask-peer.ts";
export { findHole, type Hole } from "./hole.ts";
export { askInstanceId } from "./identify.ts";
export { LinkError, toLinkError } from "./link-error.ts";
export { confirmedId, type PullSettings, type PullSnapshot } from "./pull-link.ts";
export { type NewPullLink, PullLinks, type PullLinksOptions, type PullLinkView, readStreamUrl } from "./pull-links.ts";
export { type StreamAddress, StreamSocket } from "./stream-socket.ts";
