export {
  type Envelope,
  isCloudEventString,
  type ParsedEvent,
  parseStructured,
  utf8Length,
  type WireProvenance,
} from "./cloud-event.ts";
export { arraySlices, assertDepth, MAX_DEPTH, objectSlices, type Slice, TooDeepError } from "./json-slices.ts";
export { type CopyExtensions, renderEvent } from "./render.ts";
