import { z } from "zod";
import { arraySlices, objectSlices, type Slice } from "../event/json-slices.ts";
import { compileScopes, invalidScope } from "../rules/index.ts";

/**
 * What of an event's data a peer does not get to see. `types` is a glob on the event type, as in a peer's scopes;
 * `path` leads into the data: names joined by dots, `*` for every member or element.
 */
export interface MaskRule {
  readonly types: string;
  readonly path: string;
}

const MAX_PATH = 256;
const MAX_RULES = 100;

/** Why a path cannot be a mask's, for the person who wrote it; null if it can. */
export function invalidMaskPath(path: string): string | null {
  if (path.length > MAX_PATH) return `a path has at most ${MAX_PATH} characters`;
  if (path.split(".").some((part) => part === "")) return "a path is names joined by dots, such as customer.email";
  return null;
}

const byRule =
  (rule: (text: string) => string | null) =>
  (context: z.core.ParsePayload<string>): void => {
    const problem = rule(context.value);
    if (problem !== null) context.issues.push({ code: "custom", message: problem, input: context.value });
  };

export const MaskRules = z
  .array(
    z.strictObject({ types: z.string().check(byRule(invalidScope)), path: z.string().check(byRule(invalidMaskPath)) }),
  )
  .max(MAX_RULES);

/** What stands in the place of a masked value. */
export const MASK = '"[masked]"';

/** As much of an event as masking looks at and changes; see Envelope. */
export interface Maskable {
  readonly type: string;
  readonly attrs: string;
  readonly data: string | null;
  readonly summary: string | null;
  readonly headers: string | null;
}

/**
 * The event as a peer with these rules gets it. Values are replaced where they stand, and all other bytes stay as they
 * are, so that the same event and the same rules give the same bytes at every attempt: a receiver that compares
 * digests sees a retry as the same event. What is made from the payload goes with it: the summary, and the original
 * headers with their signature over it. The event in the log is never changed.
 */
export function maskEvent<T extends Maskable>(event: T, rules: readonly MaskRule[]): T {
  const paths = rules.filter(({ types }) => typeTest(types)(event.type)).map(({ path }) => path.split("."));
  if (paths.length === 0) return event;
  const base64 = hasBase64(event.attrs);
  // Form bodies, XML and other texts are a string of JSON; a path cannot lead into them either.
  const opaque = base64 || event.data?.trimStart().startsWith('"') === true;
  const data = opaque ? MASK : event.data === null ? null : paths.reduce(maskValue, event.data);
  if (data === event.data) return event;
  return { ...event, data, attrs: base64 ? withoutBase64(event.attrs) : event.attrs, summary: null, headers: null };
}

/** The raw JSON with what the path leads to masked; itself when it leads nowhere. */
function maskValue(raw: string, path: readonly string[]): string {
  const [name, ...rest] = path;
  if (name === undefined) return MASK;
  const trimmed = raw.trimStart();
  if (trimmed.startsWith("{")) {
    const members = objectSlices(raw);
    if (!members.some((member) => fits(name, member.name))) return raw;
    const written = members.map((member) => write(member, fits(name, member.name) ? rest : null));
    const changed = members.some((member, index) => written[index] !== write(member, null));
    return changed ? `{${written.join(",")}}` : raw;
  }
  if (trimmed.startsWith("[")) {
    const elements = arraySlices(raw);
    const masked = elements.map((element, index) => (fits(name, String(index)) ? maskValue(element, rest) : element));
    return masked.some((element, index) => element !== elements[index]) ? `[${masked.join(",")}]` : raw;
  }
  // A number or a word has no members; only a path of * alone means the whole of it.
  return name === "*" && rest.length === 0 ? MASK : raw;
}

const fits = (pattern: string, name: string): boolean => pattern === "*" || pattern === name;

const write = ({ name, raw }: Slice, rest: readonly string[] | null): string =>
  `${JSON.stringify(name)}:${rest === null ? raw : maskValue(raw, rest)}`;

/** A payload in Base64 is a member of the attributes. Nobody can look into it, so all of it is masked. */
const hasBase64 = (attrs: string): boolean =>
  attrs.includes('"data_base64"') && objectSlices(`{${attrs}}`).some(({ name }) => name === "data_base64");

const withoutBase64 = (attrs: string): string =>
  objectSlices(`{${attrs}}`)
    .filter(({ name }) => name !== "data_base64")
    .map((slice) => write(slice, null))
    .join(",");

const compiled = new Map<string, (type: string) => boolean>();

function typeTest(types: string): (type: string) => boolean {
  let test = compiled.get(types);
  if (test === undefined) {
    if (compiled.size > 1_000) compiled.clear();
    test = compileScopes([types]);
    compiled.set(types, test);
  }
  return test;
}
