import { z } from "zod";
import { type Api, about, problemsOf, type RouteContext } from "./routes.ts";

/** `/metrics`, in Prometheus' text format: open, like every exporter; it holds counts and names of peers only. */
export function metricsRoutes(app: Api, { deps: { metrics } }: RouteContext): void {
  app.get(
    "/metrics",
    {
      schema: {
        ...about("Operation", "getMetrics", "Show metrics for Prometheus"),
        security: [],
        response: {
          200: {
            description: "Prometheus' text format",
            content: { "text/plain": { schema: z.string() } },
          },
          ...problemsOf([500]),
        },
      },
    },
    async (_request, reply) => {
      const text = await metrics.registry.metrics();
      return reply.header("content-type", metrics.registry.contentType).serializer(String).send(text);
    },
  );
}
