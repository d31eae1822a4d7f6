import { Bug } from "../core/bug.ts";
import { PARAMETER_GAPS } from "./parameter-gaps-table.ts";
import { isAtLeast, readRunningVersion, type PatroniVersion } from "./version.ts";

/** What Patroni does to a PostgreSQL parameter although PostgreSQL would take it as written. */
export type ParameterGap = (
  | { readonly kind: "drops" }
  /** Values beyond it are moved to it; counted in the parameter's unit. */
  | { readonly kind: "min" | "max"; readonly limit: number }
  /** Every other word is dropped, in any case. */
  | { readonly kind: "takes"; readonly words: readonly string[] }
) & {
  /** The first release that is known not to do it; undefined when every release does. */
  readonly until: string | undefined;
};

interface GapRow {
  readonly from: number;
  readonly to: number;
  readonly gap: ParameterGap;
}

/**
 * Gives what a release of Patroni does to a parameter of a PostgreSQL major version; empty when it passes
 * it on as it is. All of it happens with no more than a line in Patroni's log.
 *
 * @see patroni/postgresql/validator.py:transform_postgresql_parameter_value at v3.0.2, v4.0.7 and v4.1.5
 */
export function parameterGaps(
  name: string,
  major: number,
  version: PatroniVersion,
): readonly ParameterGap[] {
  return (table().get(name.toLowerCase()) ?? [])
    .filter(({ from, to }) => from <= major && major <= to)
    .map(({ gap }) => gap)
    .filter(({ until }) => until === undefined || !isAtLeast(version, releaseOf(until)));
}

let rowsByName: ReadonlyMap<string, readonly GapRow[]> | undefined;

function table(): ReadonlyMap<string, readonly GapRow[]> {
  rowsByName ??= readTable();
  return rowsByName;
}

function readTable(): ReadonlyMap<string, readonly GapRow[]> {
  const found = new Map<string, readonly GapRow[]>();
  for (const line of PARAMETER_GAPS.trim().split("\n")) {
    const [what = "", value = "", majors = "", until = "", names = ""] = line.split("|");
    const [from = "", to = from] = majors.split("-");
    const gap = { ...readGap(what, value), until: until === "" ? undefined : until };
    for (const name of names.split(" "))
      found.set(name, [...(found.get(name) ?? []), { from: Number(from), to: Number(to), gap }]);
  }
  return found;
}

function readGap(what: string, value: string) {
  switch (what) {
    case "drops":
      return { kind: what };
    case "min":
    case "max":
      return { kind: what, limit: Number(value) };
    case "takes":
      return { kind: what, words: value.split(",") };
    default:
      throw new Bug(`the table of parameter gaps says ${what}`);
  }
}

function releaseOf(text: string): PatroniVersion {
  const version = readRunningVersion(text);
  if (version === undefined) throw new Bug(`the table of parameter gaps names release ${text}`);
  return version;
}
