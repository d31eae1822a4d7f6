import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "rolldown";
import { documentValidators } from "./scripts/document-validators.ts";

const packageText: unknown = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);
const version =
  typeof packageText === "object" && packageText !== null && "version" in packageText
    ? String(packageText.version)
    : "";

/** What goes into the program besides its sources. */
const OTHERS = ["package-lock.json", "rolldown.config.ts", "scripts/document-validators.ts"];

/** Digest of everything that the program is made of, so that no build takes another one's cache for its own. */
function digestOfSources(): string {
  const hash = createHash("sha256");
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/${name}`);
  for (const file of [...OTHERS, ...sources.toSorted()])
    hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** What the first file needs before it knows the command. */
const START =
  /src\/(?:cli\/quorate-version|adapters\/(?:terminal|system-clock)|core\/(?:exit-code|instant)|report\/value-text)\.ts$/;
/** The commands that may find that nothing has changed; the compiler is not among what they need at once. */
const RUN = /src\/cli\/(?:check-command|compile-command)\.ts$/;

export default defineConfig({
  input: "src/cli/main.ts",
  platform: "node",
  transform: {
    define: {
      __QUORATE_VERSION__: JSON.stringify(version),
      __QUORATE_BUILD__: JSON.stringify(digestOfSources()),
    },
  },
  plugins: [documentValidators()],
  output: {
    dir: "build",
    entryFileNames: "quorate.js",
    chunkFileNames: "chunks/[name]-[hash].js",
    format: "esm",
    banner: ({ isEntry }) => (isEntry ? "#!/usr/bin/env node" : ""),
    cleanDir: true,
    // Every file that is loaded takes time.
    codeSplitting: {
      groups: [
        { name: "start", test: START, priority: 2 },
        { name: "run", test: RUN, priority: 1 },
      ],
    },
  },
});
