import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { signBody, signReplay } from "../../../src/main/hub/federation/outbound/index.ts";

test("the signature is the test vector of kite-wire.md 15", () => {
  const body = String.raw`{"specversion":"1.0","id":"evt_abc123","source":"https://a.kite.example.com","type":"com.stripe.payment_intent.succeeded","kitefedorigin":"instance-a","kitefedchain":"[\"instance-a\"]","kitefedhops":1,"data":{}}`;
  const expected = "sha256=35ae84dc0391462dc8390b809a7ac25f13aaf65067b6ceb3df2a1a29e22c7743";
  expect(signBody("fed_test_token", body)).toBe(expected);
  expect(signBody("fed_test_token", Buffer.from(body))).toBe(expected);
});

test("the mark of a replay is bound to the entry and to the body", () => {
  const signature = signBody("token", "body");
  const expected = createHmac("sha256", "token").update(`replay:7-1-0:${signature}`).digest("hex");
  expect(signReplay("token", "7-1-0", signature)).toBe(`sha256=${expected}`);
  expect(signReplay("token", "7-1-0", signBody("token", "another body"))).not.toBe(`sha256=${expected}`);
  expect(signReplay("token", "8-1-0", signature)).not.toBe(`sha256=${expected}`);
});
