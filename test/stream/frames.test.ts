import { describe, expect, it } from "vitest";
import {
  connectedFrame,
  cursorExpiredFrame,
  errorFrame,
  parseClientFrame,
  responseFrame,
} from "../../src/main/hub/stream/frames.ts";

const connect = { type: "connect", version: 1, token: "k", team_id: "t", scopes: ["*"] };

describe("frames of a client", () => {
  it.each([
    ["a connect", connect, { ...connect }],
    ["an explicit null client_id", { ...connect, client_id: null }, { ...connect, client_id: null }],
    ["a client_id", { ...connect, client_id: "ci" }, { ...connect, client_id: "ci" }],
    ["no scopes and no version", { type: "connect", token: "k", team_id: "t" }, connect],
    ["members of a later protocol", { ...connect, resume: true }, connect],
    ["an ack", { type: "ack", seq: 7 }, { type: "ack", seq: 7 }],
    ["a request without params", { type: "request", id: "1", method: "m" }, { type: "request", id: "1", method: "m" }],
    ["a request with null params", { type: "request", id: "1", method: "m", params: null }, undefined],
  ])("reads %s", (_, given, expected) => {
    expect(parseClientFrame(JSON.stringify(given))).toEqual({ ok: true, frame: expected ?? given });
  });

  it.each([
    ["no JSON", "connect", "a frame must be one JSON object"],
    ["two objects", "{}{}", "a frame must be one JSON object"],
    ["nothing", "", "a frame must be one JSON object"],
    ["an array", "[]", "a frame "],
    ["null", "null", "a frame "],
    ["no type", "{}", "type: must be connect, ack or request"],
    ["an unknown type", '{"type":"subscribe"}', "type: must be connect, ack or request"],
    ["a type of Object's prototype", '{"type":"constructor"}', "type: "],
    ["__proto__ instead of members", '{"__proto__":{"type":"ack","seq":1}}', "type: "],
    ["another version", JSON.stringify({ ...connect, version: 2 }), "version: must be 1"],
    ["a version as text", JSON.stringify({ ...connect, version: "0.1" }), "version: must be 1"],
    ["no token", '{"type":"connect","team_id":"t"}', "token: "],
    ["a token that is a number", JSON.stringify({ ...connect, token: 1 }), "token: "],
    ["scopes that are a string", JSON.stringify({ ...connect, scopes: "*" }), "scopes: "],
    ["a scope that is null", JSON.stringify({ ...connect, scopes: [null] }), "scopes.0: "],
    ["an empty client_id", JSON.stringify({ ...connect, client_id: "" }), "client_id: must not be empty"],
    ["a long client_id", JSON.stringify({ ...connect, client_id: "x".repeat(257) }), "client_id: has at most 256"],
    ["a NUL in client_id", JSON.stringify({ ...connect, client_id: "a\u0000b" }), "client_id: must not have control"],
    [
      "a lone surrogate in client_id",
      `{"type":"connect","token":"k","team_id":"t","client_id":"\\ud800"}`,
      "client_id: ",
    ],
    ["a fractional seq", '{"type":"ack","seq":1.5}', "seq: "],
    ["a negative seq", '{"type":"ack","seq":-1}', "seq: "],
    ["a seq as text", '{"type":"ack","seq":"1"}', "seq: "],
    ["a seq beyond safe integers", '{"type":"ack","seq":18446744073709551615}', "seq: "],
    ["an infinite seq", '{"type":"ack","seq":1e999}', "seq: "],
    ["a request without id", '{"type":"request","method":"m"}', "id: "],
    ["a numeric id", '{"type":"request","id":1,"method":"m"}', "id: "],
  ])("refuses %s", (_, text, problem) => {
    const parsed = parseClientFrame(text);
    expect(parsed).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });
});

describe("frames of the hub", () => {
  it("are the JSON of the protocol", () => {
    expect(JSON.parse(connectedFrame(7, 'a"b'))).toEqual({ type: "connected", last_seq: 7, client_id: 'a"b' });
    expect(JSON.parse(errorFrame(4002, 'no "x"'))).toEqual({ type: "error", code: 4002, message: 'no "x"' });
    expect(JSON.parse(cursorExpiredFrame(9))).toEqual({
      type: "cursor_expired",
      oldest_available_seq: 9,
      message: expect.stringContaining("9"),
    });
    expect(JSON.parse(responseFrame("1", true, '{"a":1}'))).toEqual({
      type: "response",
      id: "1",
      ok: true,
      payload: { a: 1 },
    });
  });
});
