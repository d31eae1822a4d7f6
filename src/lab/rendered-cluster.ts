import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { digestOf, type Digest, digestOfText } from "../core/digest.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { ok, type Result } from "../core/result.ts";
import { type LabCluster, type LabNode, patroniClusters } from "./lab-cluster.ts";
import { badInput, type LabRefusal } from "./lab-refusal.ts";
import { type NodeFiles, readNodeFiles } from "./node-files.ts";

/** A node's rendered files, as text and as far as the lab reads them. */
export interface RenderedNode {
  readonly name: string;
  /** The `patroni.yml`, byte for byte. */
  readonly patroniYml: string;
  readonly files: NodeFiles;
  /** Names of environment variables that hold secrets, as `secrets.env.example` lists them. */
  readonly secretNames: readonly string[];
  /** Environment variables of Patroni that stand in the same file with their values. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The rendered files of a cluster and of those that follow it. */
export interface RenderedCluster {
  /** Of every rendered file and of the {@link LabCluster}: equal digests boot equal labs. */
  readonly digest: Digest;
  readonly nodes: readonly RenderedNode[];
}

/** Reads `rendered/<cluster>/` and what follows, or says which file is missing or cannot be booted. */
export async function readRenderedCluster(
  cluster: LabCluster,
): Promise<Result<RenderedCluster, LabRefusal>> {
  const texts = new Map<string, string>();
  for (const name of patroniClusters(cluster))
    for (const [path, text] of await readTexts(folderOf(cluster, name)))
      texts.set(join(folderOf(cluster, name), path), text);
  const nodes: RenderedNode[] = [];
  for (const node of cluster.nodes) {
    const rendered = readNode(cluster, node, texts);
    if (!rendered.ok) return rendered;
    nodes.push(rendered.value);
  }
  const files = Object.fromEntries([...texts].map(([path, text]) => [path, digestOfText(text)]));
  return ok({ digest: digestOf({ cluster: digestOfText(JSON.stringify(cluster)), files }), nodes });
}

/** The names of `NAME=` lines; comments, empty lines and lines with a value are left out. */
export function secretNames(text: string): readonly string[] {
  return [...environmentLines(text)].flatMap(([name, value]) => (value === "" ? [name] : []));
}

/** The `NAME=value` lines; comments, empty lines and names without a value are left out. */
export function environmentOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...environmentLines(text)].filter(([, value]) => value !== ""));
}

function environmentLines(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").flatMap((line): [string, string][] => {
    const [, name, value] = /^\s*(?:export\s+)?(\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.trim()]];
  });
  return new Map(lines);
}

function readNode(
  cluster: LabCluster,
  node: LabNode,
  texts: ReadonlyMap<string, string>,
): Result<RenderedNode, LabRefusal> {
  const { name, cluster: own = cluster.name } = node;
  const folder = join(folderOf(cluster, own), "nodes", name);
  const shown = join(folder, "patroni.yml");
  const patroniYml = texts.get(shown);
  if (patroniYml === undefined) return badInput(`${shown} is missing`, `run \`quorate compile\``);
  const config = parseYaml(patroniYml);
  if (config === undefined) return badInput(`${shown} is not a YAML mapping`);
  const files = readNodeFiles(config);
  if (typeof files === "string") return badInput(`${shown}: ${files}`);
  const secrets = texts.get(join(folder, "secrets.env.example")) ?? "";
  return ok({
    name,
    patroniYml,
    files,
    secretNames: secretNames(secrets),
    environment: environmentOf(secrets),
  });
}

function folderOf({ name, renderedDir }: LabCluster, cluster: string): string {
  return cluster === name ? renderedDir : join(dirname(renderedDir), cluster);
}

function parseYaml(text: string): JsonObject | undefined {
  try {
    const value: unknown = parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every file below a folder, by its path with `/`, in sorted order; empty when there is none. */
async function readTexts(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await listFiles(folder))
    texts.set(entry, await readFile(join(folder, entry), "utf8"));
  return texts;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .toSorted();
  } catch {
    return [];
  }
}
