import { compareText } from "./json.ts";

/** A place in a file that a person wrote; `line` and `col` count from 1. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** How much a finding matters: an `error` stops the command, a `warn` is shown and lets it go on. */
export type Severity = "error" | "warn";

/**
 * One mistake or risk in what a person wrote. `message` says what is and what should be, in the
 * units of a DBA; `hint` says the way out.
 */
export interface Diagnostic {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Span;
  readonly hint?: string;
  /** Other places that belong to the finding, such as the first use of a duplicated name. */
  readonly related?: readonly { readonly at: Span; readonly message: string }[];
}

/** Puts findings into their one order (file, line, column, rule, message) and drops repeats. */
export function sortDiagnostics(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = found.toSorted(compareDiagnostics);
  return sorted.filter((item, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareDiagnostics(before, item) !== 0;
  });
}

/** True when at least one finding is an error. */
export function hasErrors(found: readonly Diagnostic[]): boolean {
  return found.some((item) => item.severity === "error");
}

function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.at.file, b.at.file) ||
    a.at.line - b.at.line ||
    a.at.col - b.at.col ||
    compareText(a.rule, b.rule) ||
    compareText(a.message, b.message)
  );
}
