import { z } from "zod";

export const EVENT_TABS = ["journey", "decisions", "attempts", "payload"] as const;
export type EventTab = (typeof EVENT_TABS)[number];

export const EventSearch = z.object({ tab: z.enum(EVENT_TABS).catch("journey").default("journey") });
