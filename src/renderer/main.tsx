import { takeSessionToken } from "./data/session-token.ts";
import { type OpenTransport, type PortBridge, portTransport, socketTransport } from "./data/transport.ts";
import { mount } from "./mount.tsx";

const { kite } = window as Window & { kite?: PortBridge };
const token = takeSessionToken(location, localStorage, history);
const open: OpenTransport =
  kite === undefined
    ? (hub) => socketTransport(hub, new URL(location.href), token)
    : (hub) => portTransport(hub, kite, window);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
mount(root, open, kite?.onOpen);
