import { describe, expect, test } from "vitest";
import {
  classifyAddress,
  readPeerUrl,
  refuseAddress,
} from "../../../src/main/hub/federation/outbound/address-policy.ts";

describe("what an address is", () => {
  test.each([
    ["93.184.216.34", "public"],
    ["8.8.8.8", "public"],
    ["1.1.1.1", "public"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["10.0.0.1", "private"],
    ["172.15.255.255", "public"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.0", "public"],
    ["192.168.1.1", "private"],
    ["192.167.255.255", "public"],
    ["100.63.255.255", "public"],
    ["100.64.0.1", "private"],
    ["100.127.255.255", "private"],
    ["100.128.0.0", "public"],
    ["100.100.100.200", "forbidden"],
    ["198.18.0.1", "private"],
    ["198.20.0.1", "public"],
    ["169.254.169.254", "forbidden"],
    ["169.254.1.1", "forbidden"],
    ["0.0.0.0", "forbidden"],
    ["0.1.2.3", "forbidden"],
    ["192.0.0.192", "forbidden"],
    ["192.0.2.1", "forbidden"],
    ["192.88.99.1", "forbidden"],
    ["198.51.100.7", "forbidden"],
    ["203.0.113.7", "forbidden"],
    ["224.0.0.1", "forbidden"],
    ["255.255.255.255", "forbidden"],
    ["::", "forbidden"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["2606:4700:4700::1111", "public"],
    ["2001:db8::1", "forbidden"],
    ["2001:10::1", "forbidden"],
    ["2001:20::1", "forbidden"],
    ["3fff::1", "forbidden"],
    ["fc00::1", "private"],
    ["fd12:3456::1", "private"],
    ["fd00:ec2::254", "forbidden"],
    ["fd20:ce::254", "forbidden"],
    ["fe80::1", "forbidden"],
    ["fe80::1%eth0", "forbidden"],
    ["febf::1", "forbidden"],
    ["fec0::1", "private"],
    ["ff02::1", "forbidden"],
    ["100::1", "forbidden"],
    ["4000::1", "forbidden"],
    // An IPv4 address inside decides.
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::ffff:10.0.0.1", "private"],
    ["::ffff:169.254.169.254", "forbidden"],
    ["::ffff:8.8.8.8", "public"],
    ["::127.0.0.1", "loopback"],
    ["::a00:1", "private"],
    ["::ffff:0:10.0.0.1", "private"],
    ["64:ff9b::169.254.169.254", "forbidden"],
    ["64:ff9b::8.8.8.8", "public"],
    ["64:ff9b:1::8.8.8.8", "private"],
    ["64:ff9b:1::169.254.169.254", "forbidden"],
    ["2002:7f00:1::", "loopback"],
    ["2002:a9fe:a9fe::1", "forbidden"],
    ["2002:808:808::1", "public"],
    // Teredo: the server in clear, the client inverted.
    ["2001:0:808:808::f7f7:f7f7", "public"],
    ["2001:0:7f00:1::f7f7:f7f7", "loopback"],
    ["2001:0:808:808::5601:5601", "forbidden"],
    ["2001:0:808:808::f5ff:fffe", "private"],
    ["not an address", "forbidden"],
    ["", "forbidden"],
    ["256.1.1.1", "forbidden"],
  ])("%s is %s", (address, expected) => {
    expect(classifyAddress(address)).toMatchObject({ class: expected });
  });
});

describe("a peer's URL", () => {
  const accepted: [string, boolean][] = [
    ["https://kite.example.com/hooks/t/kite", false],
    ["https://93.184.216.34/hooks/t/kite", false],
    ["https://[2606:4700::1111]/hooks/t/kite", false],
    ["http://localhost:7700/hooks/t/kite", false],
    ["http://LOCALHOST./hooks/t/kite", false],
    ["http://a.localhost:7700/hooks/t/kite", false],
    ["http://127.0.0.1:7700/hooks/t/kite", false],
    ["http://127.1:7700/hooks/t/kite", false],
    ["http://2130706433/hooks/t/kite", false],
    ["http://0177.0.0.1/hooks/t/kite", false],
    ["http://0x7f.0.0.1/hooks/t/kite", false],
    ["http://[::1]:7700/hooks/t/kite", false],
    ["http://192.168.1.5:7700/hooks/t/kite", true],
    ["https://10.0.0.5/hooks/t/kite", true],
    ["http://hub.lan/hooks/t/kite", true],
    ["https://[fd12::1]/hooks/t/kite", true],
  ];
  test.each(accepted)("accepts %s (allow_private %s)", (text, allowPrivate) => {
    expect(readPeerUrl(text, allowPrivate)).toMatchObject({ ok: true });
  });

  const refused: [string, boolean, string][] = [
    ["kite.example.com", false, "not a URL"],
    ["ftp://kite.example.com/", false, "begins with https://"],
    ["file:///etc/passwd", false, "begins with https://"],
    ["https://user:secret@kite.example.com/", false, "user name or a password"],
    ["http://kite.example.com/", false, "http is for peers on this machine"],
    ["http://93.184.216.34/", false, "use https"],
    ["http://93.184.216.34/", true, "use https"],
    ["https://10.0.0.5/", false, "allow_private"],
    ["https://[fd12::1]/", false, "allow_private"],
    ["https://0xa.0.0.1/", false, "10.0.0.1"],
    ["https://167772161/", false, "10.0.0.1"],
    ["https://012.0.0.1/", false, "10.0.0.1"],
    ["https://169.254.169.254/latest/meta-data", false, "no peer may be there"],
    ["https://169.254.169.254/latest/meta-data", true, "no peer may be there"],
    ["http://2852039166/", true, "169.254.169.254"],
    ["https://[::ffff:169.254.169.254]/", true, "no peer may be there"],
    ["https://[64:ff9b::a9fe:a9fe]/", true, "no peer may be there"],
    ["https://[fe80::1]/", true, "no peer may be there"],
    ["http://0.0.0.0:7700/", true, "no peer may be there"],
    ["http://[::]:7700/", true, "no peer may be there"],
  ];
  test.each(refused)("refuses %s (allow_private %s), with the reason", (text, allowPrivate, reason) => {
    const read = readPeerUrl(text, allowPrivate);
    expect(read.ok ? "accepted" : read.problem).toContain(reason);
  });
});

describe("what a name resolves to", () => {
  const target = (url: string, allowPrivate = false) => {
    const read = readPeerUrl(url, allowPrivate);
    if (!read.ok) throw new Error(read.problem);
    return read.target;
  };

  test.each([
    ["https://peer.example.com/", false, "93.184.216.34", null],
    ["https://peer.example.com/", false, "127.0.0.1", "allow_private"],
    ["https://peer.example.com/", true, "127.0.0.1", null],
    ["https://peer.example.com/", false, "10.1.1.1", "peer.example.com is at 10.1.1.1"],
    ["https://peer.example.com/", true, "10.1.1.1", null],
    ["https://peer.example.com/", true, "169.254.169.254", "no peer may be there"],
    ["http://localhost/", false, "::1", null],
    ["http://localhost/", false, "93.184.216.34", "not on this machine"],
    ["http://localhost/", false, "10.1.1.1", "allow_private"],
    ["http://hub.lan/", true, "192.168.0.9", null],
    ["http://hub.lan/", true, "93.184.216.34", "use https"],
  ])("%s (allow_private %s) at %s", (url, allowPrivate, address, refusal) => {
    const answer = refuseAddress(address, target(url, allowPrivate));
    if (refusal === null) expect(answer).toBeNull();
    else expect(answer).toContain(refusal);
  });
});
