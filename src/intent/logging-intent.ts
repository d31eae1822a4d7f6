import { z } from "zod";
import { Bug } from "../core/bug.ts";
import { parseSize, type Bytes } from "../core/units.ts";
import { NodePath, oneOf, Size, Switch, whole } from "./scalars.ts";

/** `logging`: what Patroni itself writes about. */
export const Logging = z.strictObject({
  level: oneOf(["debug", "info", "warning", "error", "critical"])
    .optional()
    .describe("Default: info."),
  format: oneOf(["plain", "json"])
    .optional()
    .describe(
      "Lines for people, or JSON (Patroni 3.3 and newer, with python3-json-logger on the nodes); default: plain.",
    ),
  dir: NodePath.optional().describe(
    "Write to files there; default: to standard error, that is the journal.",
  ),
  fileSize: Size.optional().describe("A file is closed at this size; default: 25000000 bytes."),
  files: whole("a number of files", 1, 1000)
    .optional()
    .describe("Closed files that stay; default: 4."),
  quietHeartbeats: Switch.optional().describe(
    "true: of equal heartbeat lines only the first is written; Patroni 4.1 and newer; default: false.",
  ),
});
export type Logging = z.infer<typeof Logging>;

/** What Patroni logs, and where. Undefined: not written, so Patroni's default holds. */
export interface ResolvedLogging extends Omit<Logging, "fileSize"> {
  readonly fileSize: Bytes | undefined;
}

/** Reads the units of `logging`. */
export function resolveLogging(logging: Logging = {}): ResolvedLogging {
  const { fileSize, ...rest } = logging;
  if (fileSize === undefined) return { ...rest, fileSize };
  const size = parseSize(fileSize);
  if (!size.ok) throw new Bug(`the schema let a size pass: ${size.error}`);
  return { ...rest, fileSize: size.value };
}
