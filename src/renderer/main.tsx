import { desktop } from "./data/desktop.ts";
import { followSessionToken, sessionToken } from "./data/session-token.ts";
import { type OpenTransport, portTransport, socketTransport } from "./data/transport.ts";
import { mount } from "./mount.tsx";

const app = desktop();
if (app === null) followSessionToken(window);
const open: OpenTransport =
  app === null
    ? (hub) => socketTransport(hub, new URL(location.href), sessionToken(localStorage))
    : (hub) => portTransport(hub, app, window);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
mount(root, open);
