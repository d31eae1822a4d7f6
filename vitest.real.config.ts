import { defineConfig } from "vitest/config";
import { documentValidators } from "./scripts/document-validators.ts";

/** Real clusters on two cores: one file after the other, and time for elections. */
export default defineConfig({
  plugins: [documentValidators()],
  test: {
    include: ["test/real/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
});
