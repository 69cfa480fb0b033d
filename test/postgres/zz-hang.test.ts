import { test } from "vitest";
import { createTestDatabase } from "../support/postgres.ts";
test("hang", async () => { await createTestDatabase(); await new Promise((r) => setTimeout(r, 25000)); });
