import { readFileSync } from "node:fs";
import { defineConfig } from "rolldown";
import { documentValidators } from "./scripts/document-validators.ts";

const packageText: unknown = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);
const version =
  typeof packageText === "object" && packageText !== null && "version" in packageText
    ? String(packageText.version)
    : "";

export default defineConfig({
  input: "src/cli/main.ts",
  platform: "node",
  transform: { define: { __QUORATE_VERSION__: JSON.stringify(version) } },
  plugins: [documentValidators()],
  output: {
    dir: "build",
    entryFileNames: "quorate.js",
    chunkFileNames: "chunks/[name]-[hash].js",
    cleanDir: true,
    format: "esm",
    banner: ({ isEntry }) => (isEntry ? "#!/usr/bin/env node" : ""),
  },
});
