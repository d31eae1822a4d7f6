import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { count, field } from "./value-text.ts";

/** Findings as people read them: one line each, the way out below it. Empty for no findings. */
export function diagnosticsText(found: readonly Diagnostic[]): string {
  return found.map((item) => diagnosticText(item)).join("\n");
}

function diagnosticText({ at, severity, rule, message, hint, related }: Diagnostic): string {
  const lines = [
    `${placeText(at)}: ${severity} ${rule}: ${message}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
    ...(related ?? []).map((other) => `    ${placeText(other.at)}: ${other.message}`),
  ];
  return lines.map((line) => field(line)).join("\n");
}

function placeText({ file, line, col }: Span): string {
  return `${file}:${line}:${col}`;
}

/** `2 errors, 1 warning in 3 clusters`. */
export function diagnosticsSummary(found: readonly Diagnostic[], clusters: number): string {
  const errors = found.filter((item) => item.severity === "error").length;
  const findings = `${count(errors, "error")}, ${count(found.length - errors, "warning")}`;
  return `${findings} in ${count(clusters, "cluster")}`;
}

/** Findings for programs; `more` stands beside them under keys of its own. */
export function diagnosticsJson(
  found: readonly Diagnostic[],
  clusters: number,
  more: object = {},
): string {
  const findings = found.map(({ at, ...rest }) => ({ ...at, ...rest }));
  return JSON.stringify({ formatVersion: 1, clusters, findings, ...more }, undefined, 2);
}
