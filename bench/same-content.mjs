// Says how the files of a baseline differ from what Quorate compiles, in what they mean: YAML is compared as
// data, and what only Quorate can know (its digests) is left out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

/** The first few differences between two output folders, for people. Empty when they mean the same. */
export function contentDifferences(ours, theirs) {
  const [paths, others] = [filesBelow(ours), filesBelow(theirs)];
  const missing = paths.filter((path) => !others.includes(path)).map((path) => `no ${path}`);
  const extra = others.filter((path) => !paths.includes(path)).map((path) => `also ${path}`);
  const changed = paths
    .filter((path) => others.includes(path))
    .filter((path) => {
      const [a, b] = [ours, theirs].map((folder) =>
        meaningOf(path, readFileSync(join(folder, path), "utf8")),
      );
      return !isDeepStrictEqual(a, b);
    })
    .map((path) => `another ${path}`);
  return [...missing, ...extra, ...changed].slice(0, 5);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

function meaningOf(path, text) {
  if (path.endsWith(".json")) {
    const { cluster, formatVersion, files } = JSON.parse(text);
    return { cluster, formatVersion, files: Object.keys(files) };
  }
  if (!/\.ya?ml$/.test(path)) return text;
  const value = parse(text);
  if (typeof value?.tags?.quorate_rev === "string") value.tags.quorate_rev = "";
  return { value, header: text.split("\n")[0] };
}
