// npm run docs: writes the parts of the documentation that come from the code.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configTable } from "../src/main/config/index.ts";
import { labFileSchema } from "../src/shared/lab/index.ts";

const readme = join(import.meta.dirname, "..", "README.md");
const text = readFileSync(readme, "utf8");
const between = /(<!-- config:start -->)[\s\S]*(<!-- config:end -->)/;
writeFileSync(
  readme,
  text.replace(between, (_, start: string, end: string) => `${start}\n${configTable()}\n${end}`),
);

const schema = join(import.meta.dirname, "..", "resources", "labs", "schema.json");
writeFileSync(schema, `${JSON.stringify(labFileSchema(), null, 2)}\n`);
