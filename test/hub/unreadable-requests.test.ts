import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createHttpServer } from "../../src/main/hub/http-server.ts";
import { silent } from "../stream/fixture.ts";

function serverWithRoute() {
  const app = createHttpServer(silent);
  onTestFinished(() => app.close());
  app.get("/things/:id", async () => "a thing");
  return app;
}

test.each([
  ["/things/%E0%A4%A", /^path: "%E0%A4%A" in it stands for no text\. .* % itself as %25\.$/],
  ["/things/khk_secret%zz/more?q=%", /^path: "%" in it/],
  ["/nothing/a%C3%A9%FF", /^path: "%C3%A9%FF" in it/],
  [`/things/${"%ff".repeat(100)}`, /^path: "(%ff){13}…" in it/],
])("escapes in a path that stand for no text are named, and nothing else of the path: %s", async (url, sentence) => {
  const { statusCode, headers, body } = await serverWithRoute().inject(url);
  expect([statusCode, headers["content-type"]]).toEqual([400, "application/json; charset=utf-8"]);
  expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(sentence), code: "bad_request" });
});

test("a part of a path that is too long for any name is 414", async () => {
  const app = serverWithRoute();
  expect((await app.inject(`/things/${"x".repeat(512)}`)).statusCode).toBe(200);
  const answer = await app.inject(`/things/${"x".repeat(513)}`);
  expect([answer.statusCode, answer.json()]).toEqual([
    414,
    { error: expect.stringMatching(/^path: a part of it has more than 512 characters/), code: "bad_request" },
  ]);
});

test.each([
  ["another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400, /^request: cannot be read as HTTP/],
  ["a method that is none", "FETCH /things/1 HTTP/1.1\r\nHost: a\r\n\r\n", 400, /^request: cannot be read as HTTP/],
  [
    "headers without end",
    `GET /things/1 HTTP/1.1\r\nHost: a\r\nX-Large: ${"y".repeat(40_000)}\r\n\r\n`,
    431,
    /^headers: have more than 32768 bytes together/,
  ],
])("%s is answered in the same form", async (_what, sent, status, sentence) => {
  const app = serverWithRoute();
  const { hostname: host, port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
  const socket = connect({ host, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  socket.write(Buffer.from(sent, "latin1"));
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(sentence), code: "bad_request" });
});
