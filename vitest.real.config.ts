import { defineConfig } from "vitest/config";
import { documentValidators } from "./scripts/document-validators.ts";

const LIMITS = { testTimeout: 240_000, hookTimeout: 300_000 };

/**
 * Real clusters on two cores, and time for elections. What measures loops runs alone; the topics mostly wait
 * for leases to end, so two of them run at a time, after the others.
 */
export default defineConfig({
  plugins: [documentValidators()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...LIMITS,
          name: "real",
          include: ["test/real/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...LIMITS,
          name: "topics",
          include: ["test/real/topics/*.test.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
