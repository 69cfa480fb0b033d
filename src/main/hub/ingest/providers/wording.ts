import { clipped } from "../../../../shared/clipped.ts";

/** `payment_failed` as a person says it. */
export const words = (name: string): string => name.replace(/[_./-]+/g, " ").trim();

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** As much of a text as fits a line among others. */
export function excerpt(text: string, length = 80): string {
  return clipped(text.replace(/\s+/g, " ").trim(), length);
}

/** An event's own name when it can stand in a CloudEvents type; `event` otherwise. */
export function eventName(name: string | undefined): string {
  const trimmed = name?.trim() ?? "";
  return /^[A-Za-z0-9][A-Za-z0-9_./-]{0,99}$/.test(trimmed) ? trimmed : "event";
}

/** A delivery id that may be remembered. */
export function usableId(id: string | undefined): string | null {
  const trimmed = id?.trim() ?? "";
  return trimmed === "" || trimmed.length > 128 ? null : trimmed;
}

/** ISO 4217 currencies whose smallest unit is not a hundredth. */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    [
      "bif",
      "clp",
      "djf",
      "gnf",
      "jpy",
      "kmf",
      "krw",
      "mga",
      "pyg",
      "rwf",
      "ugx",
      "vnd",
      "vuv",
      "xaf",
      "xof",
      "xpf",
    ].map((currency) => [currency, 0]),
  ),
  ...Object.fromEntries(["bhd", "jod", "kwd", "omr", "tnd"].map((currency) => [currency, 3])),
};

/** An amount in the smallest unit of its currency, as `20.00 USD`. */
export function money(amount: number, currency: string): string {
  const digits = MINOR_DIGITS[currency.toLowerCase()] ?? 2;
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency.toUpperCase()}`;
}
