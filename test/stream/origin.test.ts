import { describe, expect, it } from "vitest";
import { isOriginAllowed } from "../../src/main/hub/stream/origin.ts";

describe("the origin of a page that opens a stream", () => {
  it.each([
    [undefined, "127.0.0.1:7700", true],
    ["http://localhost:5173", "127.0.0.1:7700", true],
    ["http://app.localhost", "127.0.0.1:7700", true],
    ["https://127.0.0.1", "127.0.0.1:7700", true],
    ["http://[::1]:80", "[::1]:7700", true],
    ["https://hub.example.com", "hub.example.com", true],
    ["https://hub.example.com", "hub.example.com:443", true],
    ["http://hub.example.com:7700", "hub.example.com:7700", true],
    ["http://hub.example.com:7701", "hub.example.com:7700", false],
    ["https://evil.example", "127.0.0.1:7700", false],
    ["https://localhost.evil.example", "127.0.0.1:7700", false],
    ["https://127.0.0.1.evil.example", "127.0.0.1:7700", false],
    ["null", "127.0.0.1:7700", false],
    ["", "127.0.0.1:7700", false],
    ["file://", "127.0.0.1:7700", false],
    ["https://evil.example", undefined, false],
  ])("%s at host %s: %s", (origin, host, allowed) => {
    expect(isOriginAllowed(origin, host)).toBe(allowed);
  });
});
