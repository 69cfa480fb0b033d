import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bench, Scenario } from "../scenario.ts";

/** What a browser has to load. */
export const consoleSize: Scenario = {
  name: "console-size",
  title: "The renderer as it is built",
  about: "(n) size of the renderer's scripts and styles, raw and compressed; fails when the first load grows too large",
  run,
};

const RENDERER = join(import.meta.dirname, "..", "..", "out", "renderer");
/** Compressed scripts that the page waits for before it shows anything. */
const FIRST_LOAD_KB = 200;

async function run({ report }: Bench): Promise<void> {
  const page = await readFile(join(RENDERER, "index.html"), "utf8");
  const names = (await readdir(join(RENDERER, "assets"))).filter((name) => /\.(js|css)$/.test(name)).sort();
  let [first, total] = [0, 0];
  for (const name of names) {
    const content = await readFile(join(RENDERER, "assets", name));
    const [raw, packed] = [content.length / 1e3, gzipSync(content, { level: 9 }).length / 1e3];
    const early = page.includes(name);
    report.addSeries(`${name}${early ? " (first load)" : ""}`, "kB").add(raw);
    report.addSeries(`${name}, gzip`, "kB").add(packed);
    if (!name.endsWith(".js")) continue;
    total += packed;
    if (early) first += packed;
  }
  const firstLoad = report.addSeries("scripts of the first load, gzip", "kB");
  firstLoad.add(first);
  const all = report.addSeries("all scripts, gzip", "kB");
  all.add(total);
  report.compare("scripts of the first load, gzip", firstLoad, null, { below: FIRST_LOAD_KB });
  report.compare("all scripts, gzip", all, null);
  if (first >= FIRST_LOAD_KB)
    throw new Error(
      `The first load is ${first.toFixed(0)} kB compressed, above the bound of ${FIRST_LOAD_KB}: import the screen or the library that grew it lazily.`,
    );
}
