import { spawnSync } from "node:child_process";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";

/** Where `scripts/lab-packages.sh` puts each release. */
const UNPACKED = process.env["QUORATE_LAB_PACKAGES"] ?? "/var/cache/quorate/lab-packages";
export const INSTALLED_PATRONIS: readonly string[] = [
  "/usr/lib/python3/dist-packages",
  `${UNPACKED}/patroni-4.0/usr/lib/python3/dist-packages`,
  `${UNPACKED}/patroni-4.1/usr/lib/python3/dist-packages`,
];

/** What an installed Patroni is asked. */
export interface PatroniQuestion {
  readonly environment?: Readonly<Record<string, string>>;
  readonly documents?: readonly JsonObject[];
  readonly quantities?: readonly (readonly [value: Json, unit: string | null])[];
}

/** What it says of itself; see `patroni_facts.py`. */
export interface PatroniFacts {
  readonly version: string;
  readonly validated: readonly ValidatedSetting[];
  readonly commandLine: readonly {
    readonly name: string;
    readonly default: Json;
    readonly min?: number;
    readonly values?: readonly string[];
    readonly never?: boolean;
  }[];
  readonly defaults: JsonObject;
  readonly environment: JsonObject;
  readonly refused: readonly boolean[];
  readonly quantities: readonly (number | null)[];
  /** The words in quotes, and the names that are defined, by file. */
  readonly quoted: Readonly<Record<string, readonly string[]>>;
  readonly named: Readonly<Record<string, readonly string[]>>;
}

/** One setting that Patroni's own validator knows. */
export interface ValidatedSetting {
  readonly path: readonly string[];
  readonly type: string;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly values?: readonly string[];
}

/** Asks the Patroni of one folder about itself. */
export function askPatroni(folder: string, question: PatroniQuestion = {}): PatroniFacts {
  const run = spawnSync("/usr/bin/python3", ["test/support/patroni_facts.py", folder], {
    input: JSON.stringify({ environment: {}, documents: [], quantities: [], ...question }),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const answer: unknown = run.status === 0 ? JSON.parse(run.stdout) : undefined;
  if (isFacts(answer)) return answer;
  throw new Error(`Patroni in ${folder} gave no facts: ${run.stderr}`);
}

/** The script beside this file writes it so. */
function isFacts(value: unknown): value is PatroniFacts {
  return (
    isJsonObject(value) && typeof value["version"] === "string" && Array.isArray(value["validated"])
  );
}
