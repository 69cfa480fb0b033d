import { expect, onTestFinished, test } from "vitest";
import { NetworkWatch } from "../../src/main/hub/upkeep/network-watch.ts";

function watch() {
  const seen: string[] = [];
  let now = 0;
  let known = "en0 192.168.1.2";
  // Looked at by hand: its own timer never fires within a test.
  const watched = new NetworkWatch({
    onChange: (why) => seen.push(why),
    now: () => now,
    addresses: () => known,
    everyMs: 1_000_000,
  });
  onTestFinished(() => watched.stop());
  return {
    seen,
    watched,
    sleep(ms: number): void {
      now += ms;
    },
    step(ms: number, addresses = known): void {
      now += 1_000_000 + ms;
      known = addresses;
      watched.look();
    },
  };
}

test("a timer that comes far too late has slept; one that is a little late has not", () => {
  const { step, seen } = watch();
  step(0);
  step(5_000);
  expect(seen).toEqual([]);
  step(60_000);
  expect(seen).toEqual(["woke"]);
});

test("an address that comes is a network that changed; losing the last one is nothing to act on", () => {
  const { step, seen } = watch();
  step(0, "");
  expect(seen).toEqual([]);
  step(0, "en0 10.0.0.5");
  step(0, "en0 10.0.0.5");
  step(0, "en0 10.0.0.5,utun3 100.64.0.1");
  expect(seen).toEqual(["network", "network"]);
});

test("a system that says it woke up is believed at once, and the late timer that follows tells nothing more", () => {
  const { step, seen, sleep, watched } = watch();
  step(0);
  sleep(3_600_000);
  watched.woke();
  expect(seen).toEqual(["woke"]);
  step(0);
  expect(seen).toEqual(["woke"]);
});
