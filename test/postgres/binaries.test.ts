import { chmod, lstat, mkdir, readdir, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAccounts } from "../../src/main/postgres/account.ts";
import { type Binaries, locateBinaries, outsideArchive, reachableBinaries } from "../../src/main/postgres/binaries.ts";
import { isRoot, temporaryFolder } from "./fixture.ts";

test("the binaries of this platform are found, and those of an unknown one are missed by name", async () => {
  const binaries = locateBinaries();
  expect(binaries.major).toBe(18);
  for (const path of [binaries.postgres, binaries.initdb, binaries.pgCtl])
    expect((await stat(path)).isFile()).toBe(true);
  expect(() => locateBinaries("plan9", "mips")).toThrow(
    expect.objectContaining({ code: "KITE_POSTGRES_BINARIES", message: expect.stringContaining("plan9-mips") }),
  );
});

test("inside Electron's archive, the unpacked files beside it are meant", () => {
  expect(outsideArchive("/opt/Kite/resources/app.asar/node_modules/x")).toBe(
    "/opt/Kite/resources/app.asar.unpacked/node_modules/x",
  );
  expect(outsideArchive("C:\\Kite\\resources\\app.asar\\node_modules")).toBe(
    "C:\\Kite\\resources\\app.asar.unpacked\\node_modules",
  );
  for (const path of ["/opt/app.asar.unpacked/x", "/opt/my-app.asar/x", "/opt/x"])
    expect(outsideArchive(path)).toBe(path);
});

test("accounts are read from passwd(5), and what is not an entry is left out", () => {
  const text =
    "# macOS\nroot:x:0:0:root:/root:/bin/sh\nbroken\nnobody:*:-2:-2::/var/empty:/usr/bin/false\n+nis::::::\n";
  expect(parseAccounts(text)).toEqual([
    { name: "root", uid: 0, gid: 0 },
    { name: "nobody", uid: -2, gid: -2 },
  ]);
});

test("binaries that the account cannot reach are copied once, links as links", async (context) => {
  if (!isRoot) context.skip("needs root, who drops to another account");
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, "hub"), join(folder, "closed", "native")];
  await mkdir(join(dataDir, "postgres-bin-17.0.0"), { recursive: true });
  await mkdir(join(dataDir, "postgres-bin-18.4.0.part-x"), { recursive: true });
  for (const part of ["bin", "lib", "share"]) await mkdir(join(root, part), { recursive: true });
  for (const program of ["postgres", "initdb", "pg_ctl"])
    await writeFile(join(root, "bin", program), "#!", { mode: 0o700 });
  await writeFile(join(root, "lib", "libpq.so.5.18"), "lib", { mode: 0o600 });
  await writeFile(join(root, "lib", "libpq.a"), "for linkers");
  await symlink("libpq.so.5.18", join(root, "lib", "libpq.so.5"));
  await chmod(join(folder, "closed"), 0o700);

  const program = (name: string) => join(root, "bin", name);
  const [postgres, initdb, pgCtl] = [program("postgres"), program("initdb"), program("pg_ctl")];
  const closed: Binaries = { version: "18.4.0", major: 18, root, postgres, initdb, pgCtl };
  const account = { name: "nobody", uid: 65534, gid: 65534 };
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const reachable = await reachableBinaries(closed, account, dataDir, log);
  expect(reachable).toMatchObject({
    version: "18.4.0",
    postgres: join(dataDir, "postgres-bin-18.4.0", "bin", "postgres"),
  });
  expect(lines).toEqual([expect.stringContaining("nobody cannot reach")]);
  expect(await readdir(dataDir)).toEqual(["postgres-bin-18.4.0"]);
  expect((await readdir(join(reachable.root, "lib"))).sort()).toEqual(["libpq.so.5", "libpq.so.5.18"]);
  expect(await readlink(join(reachable.root, "lib", "libpq.so.5"))).toBe("libpq.so.5.18");
  expect((await lstat(reachable.postgres)).mode & 0o777).toBe(0o755);
  expect((await lstat(join(reachable.root, "lib", "libpq.so.5.18"))).mode & 0o777).toBe(0o644);

  expect(await reachableBinaries(closed, account, dataDir, log)).toEqual(reachable);
  expect(lines).toHaveLength(1);
  expect(await reachableBinaries(closed, undefined, dataDir, log)).toBe(closed);
});
