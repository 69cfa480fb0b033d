import { z } from "zod";

/**
 * The same shape with its members named as in every answer of this API: `maxHops` is `max_hops`. The debugger's shapes are
 * shared with the console, which names them the other way; so there is one shape and two spellings of it.
 */
export function wireShape(schema: z.ZodType): z.ZodType {
  const described = (made: z.ZodType): z.ZodType =>
    schema.description === undefined ? made : made.describe(schema.description);
  if (schema instanceof z.ZodObject) {
    const members = Object.entries(schema.shape as Record<string, z.ZodType>);
    return described(
      z.object(Object.fromEntries(members.map(([name, member]) => [wireName(name), wireShape(member)]))),
    );
  }
  if (schema instanceof z.ZodArray) return described(z.array(wireShape(schema.element as z.ZodType)));
  if (schema instanceof z.ZodNullable) return described(z.nullable(wireShape(schema.unwrap() as z.ZodType)));
  if (schema instanceof z.ZodOptional) return described(z.optional(wireShape(schema.unwrap() as z.ZodType)));
  if (schema instanceof z.ZodDefault) return described(z.optional(wireShape(schema.unwrap() as z.ZodType)));
  if (schema instanceof z.ZodUnion) return described(z.union((schema.options as z.ZodType[]).map(wireShape)));
  return schema;
}

/** A value with its members named so. */
export function toWire(value: unknown): unknown {
  return renamed(value, wireName);
}

/** A value that came in, with its members named as the code names them. */
export function fromWire(value: unknown): unknown {
  return renamed(value, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    // The evidence of a rule, and the body of a call, have names of their own.
    Object.entries(value).map(([name, member]) => [
      rename(name),
      name === "evidence" || name === "values" || name === "body" ? member : renamed(member, rename),
    ]),
  );
}

function wireName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
