import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";

/** The folder of this project itself. */
export const repository = resolve(import.meta.dirname, "..", "..");

/** Writes files, given by their relative paths, below a folder. */
export async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A temporary folder with these files, removed when the test has ended. */
export async function temporaryFolder(files: Record<string, string> = {}): Promise<string> {
  // The real path, because tools print it even where the temporary folder is a link (macOS).
  const folder = await realpath(await mkdtemp(join(tmpdir(), "kite-scripts-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await write(folder, files);
  return folder;
}

/** A copy of this project's ground (scripts, configuration, installed packages) with other sources in it. */
export async function temporaryProject(sources: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  const ground = [
    "scripts",
    "package.json",
    "package-lock.json",
    "biome.json",
    "tsconfig.json",
    "tsconfig.renderer.json",
    ".gitignore",
  ];
  for (const path of [...ground, "electron.vite.config.ts", "docs/dependencies.md"]) {
    await cp(join(repository, path), join(folder, path), { recursive: true });
  }
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
  await write(folder, sources);
  return folder;
}

/** Runs a script with Node to its end. */
export function runNode(args: string[], cwd: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { VITEST: _, NODE_ENV: __, ...env } = process.env;
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", fail);
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
}
