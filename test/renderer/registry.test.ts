import { describe, expect, it } from "vitest";
import { type Action, ActionRegistry, byGroup } from "../../src/renderer/shell/keyboard/registry.ts";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

function setUp() {
  const done: string[] = [];
  const registry = new ActionRegistry();
  const action = (id: string, keys?: string): Action => ({
    id,
    group: "Test",
    label: id,
    ...(keys === undefined ? {} : { keys }),
    run: () => done.push(id),
  });
  return { registry, action, done };
}

describe("ActionRegistry", () => {
  it("runs what a key, a chord or a sequence means", () => {
    const { registry, action, done } = setUp();
    registry.put({}, [action("pause", "."), action("palette", "mod+k"), action("stream", "g s")]);
    expect(registry.press(press("."), 0)).toBe(true);
    expect(registry.press(press("k", { ctrlKey: true }), 0)).toBe(true);
    expect(registry.press(press("g"), 100)).toBe(true);
    expect(registry.press(press("s"), 200)).toBe(true);
    expect(registry.press(press("z"), 300)).toBe(false);
    expect(done).toEqual(["pause", "palette", "stream"]);
  });

  it("forgets a sequence that was not gone on with in time", () => {
    const { registry, action, done } = setUp();
    registry.put({}, [action("stream", "g s")]);
    registry.press(press("g"), 0);
    expect(registry.press(press("s"), 5_000)).toBe(false);
    expect(done).toEqual([]);
  });

  it("gives a key to who registered last, and back when that one goes", () => {
    const { registry, action, done } = setUp();
    const screen = {};
    registry.put({}, [action("back", "Escape")]);
    registry.put(screen, [action("close", "Escape")]);
    registry.press(press("Escape"), 0);
    registry.remove(screen);
    registry.press(press("Escape"), 0);
    expect(done).toEqual(["close", "back"]);
  });

  it("gives a screen's key to the screen, also where the shell was mounted after it, as when another hub is looked at", () => {
    const { registry, action, done } = setUp();
    registry.put({}, [action("close", "Escape")]);
    registry.put({}, [action("back", "Escape")], true);
    registry.press(press("Escape"), 0);
    expect(done).toEqual(["close"]);
  });

  it("lists what belongs to the screen before what is everywhere", () => {
    const { action } = setUp();
    const of = (group: string) => ({ ...action(group), group });
    const listed = byGroup(["General", "Go to", "Stream", "Hubs", "List"].map(of));
    expect(listed.map(([group]) => group)).toEqual(["Stream", "List", "Go to", "Hubs", "General"]);
  });
});
