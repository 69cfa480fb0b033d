import { isUtf8 } from "node:buffer";
import { parseJson } from "../../../shared/parse-json.ts";
import { flatten, type HookRequest } from "./request.ts";

const ATTRIBUTE = /^ce-([a-z0-9]+)$/;

/**
 * The event of a request in CloudEvents' binary mode (HTTP protocol binding 3.1): attributes in `ce-` headers, the body
 * alone is the data. Returned as the text of the same event in structured mode, so that both are read in one place; null
 * when the request is not in binary mode, or its headers hold no event.
 */
export function binaryEvent(request: Pick<HookRequest, "headers" | "body">): string | null {
  if (request.headers["ce-specversion"] === undefined) return null;
  const headers = flatten(request.headers);
  const members: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !name.startsWith("ce-")) continue;
    const attribute = ATTRIBUTE.exec(name)?.[1];
    const text = percentDecoded(value);
    // `data` is the body, and `datacontenttype` the content type: neither is an attribute here.
    if (attribute === undefined || text === null || attribute === "data" || attribute === "datacontenttype")
      return null;
    members.push(`"${attribute}":${JSON.stringify(text)}`);
  }
  const contentType = headers["content-type"];
  if (contentType !== undefined) members.push(`"datacontenttype":${JSON.stringify(contentType)}`);
  const data = dataMember(request.body, contentType);
  if (data !== null) members.push(data);
  return `{${members.join(",")}}`;
}

/** JSON stays as it is, other text becomes a JSON string, everything else Base64. */
function dataMember(body: Buffer, contentType: string | undefined): string | null {
  if (body.length === 0) return null;
  const media = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "application/json";
  const text = isUtf8(body) ? body.toString("utf8") : null;
  if (text !== null && (media.endsWith("/json") || media.endsWith("+json")) && parseJson(text) !== undefined)
    return `"data":${text}`;
  if (text !== null && media.startsWith("text/")) return `"data":${JSON.stringify(text)}`;
  return `"data_base64":"${body.toString("base64")}"`;
}

/** HTTP protocol binding 3.1.3.2: header values are percent-encoded UTF-8. */
function percentDecoded(value: string): string | null {
  try {
    return decodeURIComponent(value.replace(/%(?![0-9a-fA-F]{2})/g, "%25"));
  } catch {
    return null;
  }
}
