// npm run package: packs the app for this platform into dist/, as electron-builder.yml says. Needs the network: the packager
// and Electron's binary come from npm and GitHub. Arguments go to electron-builder.
import { spawnSync } from "node:child_process";
import { main, prepare, root, SetupError } from "./setup.mjs";

/** Not a dependency: its tree is larger than all of ours, and only whoever makes a release needs it. */
const PACKAGER = "electron-builder@26.17.0";

await main(async () => {
  await prepare({ build: true });
  const args = ["exec", "--yes", "--package", PACKAGER, "--", "electron-builder", ...process.argv.slice(2)];
  const npm = process.env.npm_execpath;
  const [program, before] = npm ? [process.execPath, [npm]] : ["npm", []];
  const { status } = spawnSync(program, [...before, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0)
    throw new SetupError(
      "Nothing was packaged; the lines above say why. The packager comes from npm's registry and Electron's binaries from " +
        "GitHub: both must be reachable.",
    );
  return 0;
});
