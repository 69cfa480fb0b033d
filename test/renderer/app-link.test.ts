import { expect, it } from "vitest";
import { joinApp } from "../../src/renderer/shell/app-link.ts";
import { type Action, ActionRegistry } from "../../src/renderer/shell/keyboard/registry.ts";
import type { Command } from "../../src/shared/desktop/bridge.ts";

function setUp() {
  const told: string[] = [];
  const done: string[] = [];
  const said: string[] = [];
  const registry = new ActionRegistry();
  let command = (_command: Command): void => {};
  let open = (_path: string): void => {};
  const bridge = {
    onCommand(callback: typeof command) {
      told.push("onCommand");
      command = callback;
      return () => {};
    },
    onOpen(callback: typeof open) {
      told.push("onOpen");
      open = callback;
      return () => {};
    },
  };
  const router = { history: { location: { pathname: "/h1/stream" }, push: (path: string) => done.push(path) } };
  joinApp(bridge, router as unknown as Parameters<typeof joinApp>[1], registry, (sentence) => said.push(sentence));
  const action = (id: string, keys?: string): Action => ({
    id,
    group: "Test",
    label: id,
    ...(keys === undefined ? {} : { keys }),
    run: () => done.push(id),
  });
  return {
    told,
    said,
    done,
    registry,
    action,
    command: (name: Command) => command(name),
    open: (path: string) => open(path),
  };
}

it("keeps commands that come before the shell is there, and does each once, in order", () => {
  const { registry, action, command, done } = setUp();
  command("theme");
  command("palette");
  registry.put({}, [action("stream.pause", ".")]);
  expect(done).toEqual([]);
  registry.put({}, [action("palette", "mod+k"), action("theme")]);
  expect(done).toEqual(["theme", "palette"]);
  registry.put({}, [action("later")]);
  command("pause");
  expect(done).toEqual(["theme", "palette", "stream.pause"]);
});

it("keeps them again while another hub's shell takes the place of this one", () => {
  const { registry, action, command, done } = setUp();
  const shell = {};
  registry.put(shell, [action("palette")]);
  registry.remove(shell);
  command("palette");
  expect(done).toEqual([]);
  registry.put({}, [action("palette")]);
  expect(done).toEqual(["palette"]);
});

it("listens to commands before it tells the app that it listens", () => {
  expect(setUp().told).toEqual(["onCommand", "onOpen"]);
});

it("says so where there is nothing to do what is asked with", () => {
  const { registry, action, command, said } = setUp();
  registry.put({}, [action("palette")]);
  command("explain");
  expect(said).toEqual(["There is nothing to explain here"]);
});

it("opens a path without a hub at the hub that is looked at", () => {
  const { open, done } = setUp();
  open("outbox?state=dead");
  open("/local/peers");
  expect(done).toEqual(["/h1/outbox?state=dead", "/local/peers"]);
});
