import { expect, test } from "vitest";
import { askInstanceId, StreamSocket } from "../../../src/main/hub/federation/pull/index.ts";
import { openRealHub } from "../../support/real-hub.ts";

const open = (url: string, allowPrivate: boolean, addresses: readonly string[] = []) =>
  StreamSocket.open({
    url,
    allowPrivate,
    token: "none",
    team: "team",
    clientId: null,
    userAgent: "test",
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  });

// The addresses themselves are judged by test/federation/outbound/address-policy.test.ts; here, that a stream asks it.
test.each([
  ["ws://10.0.0.1/ws", false, [], "the private range 10.0.0.0/8"],
  ["wss://192.168.1.1/ws", false, [], "the private range 192.168.0.0/16"],
  ["wss://169.254.169.254/ws", true, [], "link-local"],
  ["wss://[::ffff:169.254.169.254]/ws", true, [], "link-local"],
  ["wss://[fd00:ec2::254]/ws", true, [], "metadata service"],
  ["wss://0x7f000001/ws", false, [], null],
  ["ws://example.com/ws", false, [], "http is for peers on this machine"],
  ["ws://example.com/ws", true, ["93.184.216.34"], "use https"],
  ["wss://user:pass@example.com/ws", false, [], "may not hold a user name"],
  ["wss://rebound.example/ws", false, ["127.0.0.1"], "loopback"],
  ["wss://rebound.example/ws", false, ["93.184.216.34", "10.0.0.1"], "the private range 10.0.0.0/8"],
  ["wss://rebound.example/ws", false, ["93.184.216.34", "::ffff:10.0.0.1"], "the private range 10.0.0.0/8"],
  ["wss://rebound.example/ws", true, ["169.254.169.254"], "link-local"],
  ["ws://localhost/ws", false, ["93.184.216.34"], "is not on this machine"],
  ["wss://nothing.example/ws", false, [], "resolves to no address"],
] as const)("%s, own network allowed %s, at %j", async (url, allowPrivate, addresses, words) => {
  const failed: unknown = await open(url, allowPrivate, addresses).then(
    () => null,
    (error: unknown) => error,
  );
  // 0x7f000001 is 127.0.0.1, where a peer may be: nobody listens there with TLS.
  if (words === null) expect(failed).toMatchObject({ code: "refused" });
  else expect(failed).toMatchObject({ code: "blocked", message: expect.stringContaining(words) });
});

test("a name is resolved once for a connection, and the connection goes where that led: no second answer counts", async () => {
  const { hub, client } = await openRealHub({ instanceId: "here" });
  const port = new URL(hub.url).port;
  const answers = ["127.0.0.1", "169.254.169.254"];
  let asked = 0;
  const socket = await StreamSocket.open({
    url: `ws://rebinding.localhost:${port}/ws`,
    allowPrivate: false,
    token: client.address.apiKey,
    team: "team",
    clientId: null,
    userAgent: "test",
    resolve: async () => [{ address: answers[asked++] ?? "10.0.0.1", family: 4 }],
  });
  socket.close();
  expect(asked).toBe(1);
  const options = {
    allowPrivate: false,
    userAgent: "test",
    resolve: async () => [{ address: "169.254.169.254", family: 4 }],
  };
  expect(await askInstanceId(new URL(`http://rebinding.localhost:${port}/`), options)).toBeNull();
});
