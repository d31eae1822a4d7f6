import { dirname, resolve } from "node:path";
import { z } from "zod";
import { readTextFile } from "../adapters/read-text-file.ts";
import { fileFailureText } from "../core/ports.ts";
import { err, ok, type Result } from "../core/result.ts";
import { field } from "../report/value-text.ts";

/** What the sandbox writes into its endpoints files, so that it never replaces one that a person wrote. */
export const SANDBOX_MARK = "quorate sandbox";

const EndpointsDocument = z.strictObject({
  formatVersion: z.literal(1),
  writtenBy: z.literal(SANDBOX_MARK).optional(),
  ca: z.string().optional(),
  nodes: z.record(
    z.string(),
    z.string().refine((url) => isBaseUrl(url), "is not an http or https URL"),
  ),
});
type EndpointsDocument = z.infer<typeof EndpointsDocument>;

/** Where nodes are reached instead of at their own addresses: through a tunnel, or in the sandbox. */
export interface Endpoints {
  readonly nodes: ReadonlyMap<string, string>;
  /** PEM of the CA to trust instead of the project's. */
  readonly ca: string | undefined;
}

/** Reads an endpoints file: `{ "formatVersion": 1, "ca": "file", "nodes": { "name": "https://…" } }`. */
export async function readEndpointsFile(file: string): Promise<Result<Endpoints, string>> {
  const text = await readTextFile(file);
  if (!text.ok)
    return err(
      `${field(file)} cannot be read as an endpoints file (${fileFailureText(text.error)})`,
    );
  const document = parseEndpoints(text.value);
  if (!document.ok) return err(`${field(file)}${field(document.error)}`);
  const { ca, nodes } = document.value;
  const pem = ca === undefined ? undefined : await readTextFile(resolve(dirname(file), ca));
  if (pem?.ok === false)
    return err(
      `${field(file)}: its CA ${field(ca ?? "")} cannot be read (${fileFailureText(pem.error)})`,
    );
  return ok({ nodes: new Map(Object.entries(nodes)), ca: pem?.value });
}

/** True for the text of an endpoints file that a sandbox wrote. */
export function isSandboxEndpoints(text: string): boolean {
  const document = parseEndpoints(text);
  return document.ok && document.value.writtenBy === SANDBOX_MARK;
}

/** The failure goes on after the file's name. */
function parseEndpoints(text: string): Result<EndpointsDocument, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return err(" cannot be read as an endpoints file (it is not JSON)");
  }
  const document = EndpointsDocument.safeParse(parsed);
  if (document.success) return ok(document.data);
  const [issue] = document.error.issues;
  return err(`: ${`${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim()}`);
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" &&
    url.password === ""
  );
}
