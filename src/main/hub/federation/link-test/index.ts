export { type LinkTestOptions, testLink } from "./link-test.ts";
