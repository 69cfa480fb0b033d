// node --import this: whatever imports `electron` gets the double.
import { register } from "node:module";

register("./resolve.mjs", import.meta.url);
