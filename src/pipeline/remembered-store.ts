import { Bug } from "../core/bug.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Digest } from "../core/digest.ts";
import { isJsonObject } from "../core/json.ts";
import type {
  Remembered,
  RememberedCluster,
  RememberedFile,
  SharedRead,
  StoredFile,
} from "./remembered.ts";

/** Between the fields of a line, and between the words of one field. */
const [FIELD, WORD] = ["\t", "\0"];
/** Fields of the file itself, before those of its clusters; and fields of each cluster. */
const [OWN_FIELDS, CLUSTER_FIELDS] = [4, 5];

/** Signs that are neither in a store's lines nor anything but ASCII. */
const PLAIN = /^[\0\t -~]*$/;

/** Whether a file's name can stand in a store. */
export function isStorableName(file: string): boolean {
  return /^[ -~]+$/.test(file);
}

/** Writes what is remembered of a file; undefined when its names are such that it cannot be written. */
export function storeFile(
  { text, stamp = "", found, clusters }: RememberedFile,
  identities: readonly string[],
): StoredFile | undefined {
  const said = found.length === 0 ? "" : plainJson(found);
  const inside = clusters.map(clusterFields);
  const fields = [text, stamp, wordsField(identities), said, ...inside.flat()];
  const line = fields.join(FIELD);
  const isReadable = fields.length === line.split(FIELD).length && PLAIN.test(line);
  return isReadable && isStoredFile(line) ? line : undefined;
}

function clusterFields({ name, lease, output }: RememberedCluster): readonly string[] {
  if (output === undefined) return [name, lease, "", "", ""];
  return [name, lease, output.manifest, output.stamp ?? "", wordsField(output.paths)];
}

/** One that could not be read back makes a field too many. */
function wordsField(words: readonly string[]): string {
  const field = words.join(WORD);
  return words.length === 0 || words.length === field.split(WORD).length ? field : FIELD;
}

function isStoredFile(line: string): line is StoredFile {
  return line.indexOf(FIELD) === DIGEST_LENGTH;
}

/** Enough for what is known to have been one. */
function wasDigest(text: string): text is Digest {
  return text.length === DIGEST_LENGTH;
}

const DIGEST_LENGTH = 64;

/** JSON in ASCII. */
function plainJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads back what {@link storeFile} wrote. */
export function readStoredFile(stored: StoredFile): RememberedFile {
  const [text = "", stamp, , said, ...rest] = stored.split(FIELD);
  if (!wasDigest(text)) throw new Bug("a line without a digest passed for a stored file");
  const clusters: RememberedCluster[] = [];
  for (let at = 0; at + CLUSTER_FIELDS <= rest.length; at += CLUSTER_FIELDS)
    clusters.push(readCluster(rest.slice(at, at + CLUSTER_FIELDS)));
  const found: unknown = said ? parseJson(said) : [];
  return {
    text,
    stamp: stamp || undefined,
    found: isListOf(found, isFinding) ? found : [],
    clusters,
  };
}

function readCluster(fields: readonly string[]): RememberedCluster {
  const [name = "", lease = "", manifest = "", stamp, paths = ""] = fields;
  if (!wasDigest(manifest)) return { name, lease, output: undefined };
  const output = { paths: paths.split(WORD), manifest, stamp: stamp || undefined };
  return { name, lease, output };
}

/** The keys of what no other cluster may have. */
export function storedIdentities(stored: StoredFile): readonly string[] {
  const field = stored.split(FIELD, OWN_FIELDS)[2] ?? "";
  return field === "" ? [] : field.split(WORD);
}

/** Writes what is remembered as one text, in ASCII. */
export function storeRemembered({ shared, found, files }: Remembered): string {
  const lines = [plainJson({ shared, found })];
  for (const [file, stored] of files)
    if (isStorableName(file)) lines.push(`${file}${FIELD}${stored}`);
  return lines.join("\n");
}

/**
 * Reads back what {@link storeRemembered} wrote; undefined when it is something else. The text must come from
 * where nobody else could have written it: its content is believed.
 */
export function restoreRemembered(text: string): Remembered | undefined {
  const [first = "", ...lines] = text.split("\n");
  const head = readHead(first);
  if (head === undefined) return undefined;
  const files = new Map<string, StoredFile>();
  for (const line of lines) {
    const end = line.indexOf(FIELD);
    const stored = line.slice(end + 1);
    if (end < 1 || !isStoredFile(stored)) return undefined;
    files.set(line.slice(0, end), stored);
  }
  return { ...head, files };
}

function readHead(line: string): Pick<Remembered, "shared" | "found"> | undefined {
  const head: unknown = parseJson(line);
  if (!isJsonObject(head)) return undefined;
  const { shared, found } = head;
  return isListOf(shared, isSharedRead) && isListOf(found, isFinding)
    ? { shared, found }
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isListOf<Item>(
  value: unknown,
  isItem: (item: unknown) => item is Item,
): value is readonly Item[] {
  return Array.isArray(value) && value.every((item) => isItem(item));
}

function isSharedRead(value: unknown): value is SharedRead {
  return (
    isJsonObject(value) && typeof value["path"] === "string" && typeof value["gave"] === "string"
  );
}

function isFinding(value: unknown): value is Diagnostic {
  return isJsonObject(value) && typeof value["rule"] === "string" && isJsonObject(value["at"]);
}
