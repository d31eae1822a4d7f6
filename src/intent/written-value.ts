import { isJsonObject } from "../core/json.ts";
import type { SourcePath } from "./source-offset.ts";

/** The value at a path of a document as it was read; undefined when nothing is written there. */
export function writtenValue(document: unknown, path: SourcePath): unknown {
  let here: unknown = document;
  for (const step of path) {
    if (Array.isArray(here) && typeof step === "number") here = here[step];
    else if (isJsonObject(here) && Object.hasOwn(here, String(step))) here = here[String(step)];
    else return undefined;
  }
  return here;
}
