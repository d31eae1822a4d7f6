import { parameterGaps, type ParameterGap } from "../patroni/parameter-gap.ts";
import { formatPatroniVersion, type PatroniVersion } from "../patroni/version.ts";
import type { PostgresParameter } from "../postgres/parameter.ts";
import { quantityOf } from "../postgres/quantity.ts";

/** What this Patroni would do to a parameter that PostgreSQL takes as it is written. */
interface PatroniMistake {
  readonly rule: "QUO110";
  readonly about?: "name";
  readonly message: string;
  readonly hint: string;
}

/** Says what Patroni would change in a parameter that PostgreSQL takes; undefined when nothing. */
export function patroniMistake(
  parameter: PostgresParameter,
  value: boolean | number | string,
  major: number,
  version: PatroniVersion,
): PatroniMistake | undefined {
  for (const gap of parameterGaps(parameter.name, major, version)) {
    const mistake = mistakeOf(gap, parameter, value, formatPatroniVersion(version));
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function mistakeOf(
  gap: ParameterGap,
  parameter: PostgresParameter,
  value: boolean | number | string,
  version: string,
): PatroniMistake | undefined {
  const { name } = parameter;
  switch (gap.kind) {
    case "drops":
      return {
        rule: "QUO110",
        about: "name",
        message: `Patroni ${version} drops ${name}, though PostgreSQL has it: it would never take effect`,
        hint: gap.until === undefined ? otherWay(parameter) : raise(gap.until),
      };
    case "min":
    case "max":
      return limitMistake(gap, parameter, value, version);
    case "takes":
      if (gap.words.includes(String(value).toLowerCase())) return undefined;
      return {
        rule: "QUO110",
        message: `${name} is ${value}, which Patroni ${version} drops, though PostgreSQL takes it`,
        hint: gap.until === undefined ? `write one of ${gap.words.join(", ")}` : raise(gap.until),
      };
    default:
      return gap satisfies never;
  }
}

function limitMistake(
  { kind, limit, until }: ParameterGap & { readonly kind: "min" | "max" },
  parameter: PostgresParameter,
  value: boolean | number | string,
  version: string,
): PatroniMistake | undefined {
  const amount = quantityOf(parameter, value);
  const isBeyond = amount !== undefined && (kind === "min" ? amount < limit : amount > limit);
  if (!isBeyond) return undefined;
  const shown = parameter.unit === undefined ? `${limit}` : `${limit} ${parameter.unit}`;
  const silently = `it would silently use ${shown} instead`;
  return {
    rule: "QUO110",
    message: `${parameter.name} is ${value}, Patroni ${version} takes no ${kind === "min" ? "less" : "more"} than ${shown}`,
    hint: until === undefined ? silently : `${silently}; ${raise(until)}`,
  };
}

function raise(until: string): string {
  return `leave it out, or write patroni: "${until}" once every member runs that or newer`;
}

function otherWay({ name, context }: PostgresParameter): string {
  const isOfSessions = context === "user" || context === "superuser";
  return isOfSessions ? `leave it out, and use ALTER DATABASE ... SET ${name}` : "leave it out";
}
