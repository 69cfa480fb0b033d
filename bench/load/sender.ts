// Run as a process of its own: posts events to whatever is measured.
import { serve, service } from "../processes/serve.ts";
import { sendClosed } from "./closed-loop.ts";
import { sendOpen } from "./open-loop.ts";
import { SEND_CLOSED, SEND_OPEN } from "./sending.ts";

serve(service(SEND_CLOSED, sendClosed), service(SEND_OPEN, sendOpen));
