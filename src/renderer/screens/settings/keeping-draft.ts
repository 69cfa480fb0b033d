import { HubSettings } from "../../../shared/hub-settings.ts";

/** The settings as they are being written: numbers are the text of their fields. */
export type KeepingDraft = {
  readonly [K in keyof HubSettings]: HubSettings[K] extends number ? string : HubSettings[K];
};

export const draftOf = (saved: HubSettings): KeepingDraft => ({
  retentionDays: String(saved.retentionDays),
  retentionMb: String(saved.retentionMb),
  keepPayload: saved.keepPayload,
  keepPayloadBytes: String(saved.keepPayloadBytes),
  keepRefusedBytes: String(saved.keepRefusedBytes),
});

type Problems = Partial<Record<keyof HubSettings, string>>;

const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text.trim()));

/** What a draft says, or what is wrong with which of its fields. */
export function readDraft(draft: KeepingDraft): { settings: HubSettings | null; problems: Problems } {
  const read = HubSettings.safeParse({
    ...draft,
    retentionDays: number(draft.retentionDays),
    retentionMb: number(draft.retentionMb),
    keepPayloadBytes: number(draft.keepPayloadBytes),
    keepRefusedBytes: number(draft.keepRefusedBytes),
  });
  if (read.success) return { settings: read.data, problems: {} };
  const problems: Problems = {};
  for (const { path, message } of read.error.issues) {
    const [name] = path;
    if (typeof name === "string" && name in draft) problems[name as keyof HubSettings] = sentence(message);
  }
  return { settings: null, problems };
}

const sentence = (message: string): string => (message.includes("NaN") ? "Write a number." : `${message}.`);

/** The members in which two differ. */
export function changesBetween(saved: HubSettings, next: HubSettings): Partial<HubSettings> {
  return Object.fromEntries(
    Object.entries(next).filter(([name, value]) => saved[name as keyof HubSettings] !== value),
  ) as Partial<HubSettings>;
}
