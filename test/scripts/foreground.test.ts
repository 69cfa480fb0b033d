import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { repository, runNode, temporaryFolder } from "./project-fixture.ts";

const foreground = JSON.stringify(pathToFileURL(join(repository, "scripts", "foreground.mjs")));

/** A launcher whose clock shows what is given, and tells when it is asked. */
const launcher = (clock: string): string => `
  import { runInForeground } from ${foreground};
  let time = 0;
  const now = () => { console.log("launcher asked"); return ${clock}; };
  process.exitCode = await runInForeground(process.argv.slice(2), { now });
`;

/** A program that tells its signals and ends with their number when its input ends. */
const program = `
  let count = 0;
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => { count += 1; console.log("program got", name); });
  process.stdin.on("end", () => { process.exitCode = 10 + count; }).resume();
  console.log("program ready");
`;

/** What stands between npm and its scripts: it ends on a signal without telling them. */
const shell = `
  import { spawn } from "node:child_process";
  const env = { ...process.env, npm_lifecycle_event: "start" };
  spawn(process.execPath, process.argv.slice(2), { stdio: "inherit", env });
`;

/** A program that only a signal ends, or, lest it outlive a failed test, its own deadline. */
const hub = `
  process.on("SIGTERM", () => { console.log("program got SIGTERM"); process.exit(); });
  setTimeout(() => process.exit(1), 20_000);
  console.log("program ready");
`;

test.each([0, 1, 42])("exit code %i passes through", async (code) => {
  const folder = await temporaryFolder({ "launch.mjs": launcher("0"), "end.mjs": `process.exitCode = ${code};` });
  expect(await runNode(["launch.mjs", "end.mjs"], folder)).toMatchObject({ code, stderr: "" });
});

describe.skipIf(process.platform === "win32")("signals", () => {
  async function launch(clock: string, command = ["launch.mjs", "program.mjs"]) {
    const files = { "launch.mjs": launcher(clock), "program.mjs": program, "shell.mjs": shell, "hub.mjs": hub };
    const folder = await temporaryFolder(files);
    const child = spawn(process.execPath, command, {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.stdin.end());
    const ended = new Promise<number | NodeJS.Signals | null>((done) => {
      child.once("exit", (code, signal) => done(code ?? signal));
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await lines.next()).value;
    expect(await next()).toBe("program ready");
    return { child, ended, next };
  }

  test("npm's echo of a signal reaches the program once", async () => {
    const { child, ended, next } = await launch("0");
    child.kill("SIGINT");
    expect([await next(), await next()]).toEqual(["launcher asked", "program got SIGINT"]);
    child.kill("SIGINT");
    expect(await next()).toBe("launcher asked");
    child.stdin.end();
    expect(await ended).toBe(11);
  });

  test("a later signal is passed on again", async () => {
    const { child, ended, next } = await launch("(time += 501)");
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      child.kill(signal);
      expect([await next(), await next()]).toEqual(["launcher asked", `program got ${signal}`]);
    }
    child.stdin.end();
    expect(await ended).toBe(12);
  });

  test("a program does not outlive the shell that npm ran it in", async () => {
    const { child, next } = await launch("0", ["shell.mjs", "launch.mjs", "hub.mjs"]);
    child.kill("SIGKILL");
    expect(await next()).toBe("program got SIGTERM");
  });

  test("a program ended by a signal ends the launcher by the same one", async () => {
    const folder = await temporaryFolder({
      "launch.mjs": launcher("0"),
      "killed.mjs": 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);',
    });
    const child = spawn(process.execPath, ["launch.mjs", "killed.mjs"], { cwd: folder, stdio: "ignore" });
    expect(await new Promise((done) => child.once("exit", (_, signal) => done(signal)))).toBe("SIGTERM");
  });
});
