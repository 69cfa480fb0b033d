import { z } from "zod";

export const EVENT_TABS = ["journey", "decisions", "attempts", "payload"] as const;
export type EventTab = (typeof EVENT_TABS)[number];

export const EventSearch = z.object({ tab: z.enum(EVENT_TABS).catch("journey").default("journey") });

/** What a list beside the event says in the address of what it shows. */
export const StreamSelection = z.object({ seq: z.coerce.number().int().positive().optional().catch(undefined) });
