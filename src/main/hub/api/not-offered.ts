import { HubError } from "../errors.ts";
import { type Api, about, problemsOf } from "./routes.ts";

/** What the hosted Kite has and a hub on a laptop has no use for: accounts that pay, and the registry of skills. */
const NOT_OFFERED = [
  { method: "POST", url: "/bootstrap/x402", id: "bootstrapX402", what: "Payment by x402" },
  { method: "GET", url: "/webhook-config", id: "getWebhookConfig", what: "An outbound webhook of the team" },
  { method: ["GET", "POST"], url: "/skills", id: "skills", what: "The skill registry" },
  { method: ["GET", "POST"], url: "/skills/*", id: "skillsBelow", what: "The skill registry" },
] as const;

/** Says so, instead of a 404 that looks like a wrong URL. */
export function notOfferedRoutes(app: Api): void {
  for (const { method, url, id, what } of NOT_OFFERED) {
    for (const one of typeof method === "string" ? [method] : method)
      app.route({
        method: one,
        url,
        schema: {
          ...about("Not offered", `${id}${one === "GET" ? "" : one}`, `${what} (not offered by this hub)`),
          security: [],
          // OpenAPI has no way to write a path of any length.
          hide: url.endsWith("*"),
          response: problemsOf([500, 501]),
        },
        handler: async (): Promise<never> => {
          throw new HubError("unsupported", `${what} is a feature of the hosted Kite; this hub does not offer it.`);
        },
      });
  }
}
