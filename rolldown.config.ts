import { readFileSync } from "node:fs";
import { defineConfig } from "rolldown";

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
  output: {
    file: "build/quorate.js",
    format: "esm",
    banner: "#!/usr/bin/env node",
    codeSplitting: false,
  },
});
