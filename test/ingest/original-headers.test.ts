import { expect, test } from "vitest";
import { maskedHeaders, originalHeaders } from "../../src/main/hub/ingest/original-headers.ts";

const TOKEN = "khk_0123abcd_00112233445566778899aabbccddeeff";
const headers = {
  "x-original-url": `/hooks/team/demo/${TOKEN}?access_token=hunter2&page=3`,
  referer: "https://shop.example/?a=1&api_key=hunter2#top",
  "x-github-event": "push",
};

test("a token in the URL that a proxy noted reaches neither listeners nor peers nor the list of refusals", () => {
  for (const kept of [JSON.parse(originalHeaders(headers)) as Record<string, string>, maskedHeaders(headers)]) {
    expect(kept).toEqual({
      "x-original-url": "/hooks/team/demo/khk_0123abcd_•••?access_token=•••&page=3",
      referer: "https://shop.example/?a=1&api_key=•••#top",
      "x-github-event": "push",
    });
  }
});
