import { expect, test } from "vitest";
import { readChain } from "../../src/main/hub/read-chain.ts";

test("a stored chain is a list of ids, and what is none is not taken for one", () => {
  expect(readChain('["a","b"]')).toEqual(["a", "b"]);
  expect(readChain("[]")).toEqual([]);
  for (const text of ['["a",1]', '"a"', "null", '{"0":"a"}']) expect(() => readChain(text), text).toThrow(TypeError);
  expect(() => readChain("[")).toThrow(SyntaxError);
});
