import { expect, test } from "vitest";
import { PageInbox } from "../../src/main/desktop/page-inbox.ts";
import { CHANNELS } from "../../src/shared/desktop/index.ts";

function setUp() {
  const sent: unknown[] = [];
  return { sent, inbox: new PageInbox((channel, value) => sent.push([channel, value])) };
}

test("what comes before the page listens waits for it: the last path, then every command", () => {
  const { sent, inbox } = setUp();
  inbox.command("theme");
  inbox.open("stream");
  inbox.command("palette");
  inbox.open("outbox");
  expect(sent).toEqual([]);
  inbox.listens();
  expect(sent).toEqual([
    [CHANNELS.open, "outbox"],
    [CHANNELS.command, "theme"],
    [CHANNELS.command, "palette"],
  ]);
  inbox.listens();
  expect(sent).toHaveLength(3);
});

test("a page that listens is told at once, and one that went away when it is back", () => {
  const { sent, inbox } = setUp();
  inbox.listens();
  inbox.command("back");
  expect(sent).toEqual([[CHANNELS.command, "back"]]);
  inbox.gone();
  inbox.command("keys");
  inbox.open("/local/peers");
  expect(sent).toHaveLength(1);
  inbox.listens();
  expect(sent.slice(1)).toEqual([
    [CHANNELS.open, "/local/peers"],
    [CHANNELS.command, "keys"],
  ]);
});
