import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { err, ok, type Result } from "../core/result.ts";

const EndpointsDocument = z.strictObject({
  formatVersion: z.literal(1),
  ca: z.string().optional(),
  nodes: z.record(
    z.string(),
    z.string().refine((url) => isBaseUrl(url), "is not an http or https URL"),
  ),
});

/** Where nodes are reached instead of at their own addresses: through a tunnel, or in the sandbox. */
export interface Endpoints {
  readonly nodes: ReadonlyMap<string, string>;
  /** PEM of the CA to trust instead of the project's. */
  readonly ca: string | undefined;
}

/** Reads an endpoints file: `{ "formatVersion": 1, "ca": "file", "nodes": { "name": "https://…" } }`. */
export async function readEndpointsFile(file: string): Promise<Result<Endpoints, string>> {
  try {
    const parsed = EndpointsDocument.safeParse(JSON.parse(await readFile(file, "utf8")));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return err(`${file}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
    }
    const { ca, nodes } = parsed.data;
    const pem = ca === undefined ? undefined : await readFile(resolve(dirname(file), ca), "utf8");
    return ok({ nodes: new Map(Object.entries(nodes)), ca: pem });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "it is not JSON";
    return err(`${file} cannot be read as an endpoints file (${code})`);
  }
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
