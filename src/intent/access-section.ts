import type { Diagnostic, Span } from "../core/diagnostic.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";

/** A section of a file: where its keys stand, and what it is called. */
export interface Section {
  readonly name: string;
  /** Where a key of it stands; the section itself for an empty path, or its nearest parent that is there. */
  readonly at: (path: SourcePath) => Span;
}

/** The section of a file at a path. */
export function sectionOf(source: Source, path: SourcePath, name = path.join(".")): Section {
  return { name, at: (inner) => source.at([...path, ...inner]) };
}

/** A finding that stops the command. */
export function errorAt(at: Span, rule: string, message: string, hint: string): Diagnostic {
  return { rule, severity: "error", message, at, hint };
}

/** One half of a certificate and its key is missing; the place is that of the other half. */
export function pairMissing(at: Span): Diagnostic {
  const message = "certificate and key belong together, one of them is missing";
  return errorAt(at, "QUO004", message, "write both");
}
