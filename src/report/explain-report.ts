import type { Span } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import { formatBytes } from "../core/units.ts";
import type { Explanation, SetBy } from "../pipeline/explain-cluster.ts";
import { field, printable, valueText } from "./value-text.ts";

/** Every key of a cluster on one line each: value, who set it, and where. */
export function explanationsTable(explanations: readonly Explanation[]): string {
  const rows = explanations.map(({ key, nodes, setBy, unit }) => [
    nodes.length === 0 ? key : `${key} (${nodes.join(", ")})`,
    measured(setBy?.value, unit),
    setBy === undefined ? "" : whoText(setBy),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "),
  );
  return printable(lines.join("\n"));
}

/** What is known about one key, for a person who wants to change it. */
export function explanationText(cluster: string, explanation: Explanation): string {
  const { setBy, replaced, key, unit } = explanation;
  const where =
    explanation.nodes.length === 0 ? "" : ` (patroni.yml of ${explanation.nodes.join(", ")})`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["set by", setBy === undefined ? unsetText(explanation) : whoText(setBy)],
    ...replaced.map((weaker): readonly [string, string] => [
      "instead of",
      `${measured(weaker.value, unit)}, ${whoText(weaker)}`,
    ]),
    ["meaning", explanation.meaning],
    ["less or off", explanation.lower],
    ["more or on", explanation.higher],
    ["a change", effectText(explanation)],
    ["safe values", explanation.range],
    ["if not set", explanation.byDefault],
    ["since", explanation.since],
  ];
  const lines = rows.flatMap(([name, text]) =>
    text === undefined ? [] : [`  ${name.padEnd(11)}  ${text}`],
  );
  return printable(
    [`${field(cluster)}: ${key} = ${measured(setBy?.value, unit)}${where}`, ...lines].join("\n"),
  );
}

/** The same as data. */
export function explanationsJson(cluster: string, explanations: readonly Explanation[]): string {
  return JSON.stringify({ formatVersion: 1, cluster, keys: explanations }, undefined, 2);
}

/** A number with its unit, bytes in the largest that fits. */
function measured(value: Json | undefined, unit: string | undefined): string {
  if (typeof value !== "number" || unit === undefined) return valueText(value);
  return unit === "bytes" && value >= 0 ? formatBytes(value) : `${value} ${unit}`;
}

function whoText({ rank, at, because }: SetBy): string {
  return `${rank}, ${spanText(at)} (${field(because)})`;
}

function spanText({ file, line, col }: Span): string {
  return `${field(file)}:${line}:${col}`;
}

function unsetText({ isKeptAbsent }: Explanation): string {
  return isKeptAbsent
    ? "nobody; apply removes it from the DCS where it finds it"
    : "nobody; apply leaves it alone where it finds it";
}

function fileEffectText(effect: NonNullable<Explanation["fileEffect"]>): string {
  switch (effect) {
    case "reload":
      return "counts once the file is installed and Patroni has reloaded it";
    case "restart":
    case "reload-or-restart":
      return "counts once the file is installed and PostgreSQL restarted, through Patroni";
    case "patroni-restart":
      return "counts once the file is installed and Patroni itself restarted: pause the cluster before, on the leader";
    case "ha-loop":
    case "next-use":
      return "counts once the file is installed and reloaded, the next time that Patroni needs it";
    case "n/a":
      return "counts only when a new cluster is made";
    default:
      return effect satisfies never;
  }
}

function effectText({ effect, fileEffect, orderWhenRaised }: Explanation): string {
  if (fileEffect !== undefined) return fileEffectText(fileEffect);
  switch (effect) {
    case "next loop":
      return "counts from each node's next loop, without a restart";
    case "reload":
      return "counts after a reload, which Patroni does by itself";
    case "restart":
      return orderWhenRaised === undefined
        ? "needs a restart of PostgreSQL on every node"
        : "needs a restart of PostgreSQL on every node: raised on the standbys first, lowered on the leader first";
    case "reload or restart":
      return "counts after a reload or a restart, which its PostgreSQL decides";
    case "next use":
      return "counts the next time that Patroni needs it";
    case "demotes the whole cluster":
      return "makes the whole cluster follow another one: nothing writes here any more";
    case "no effect":
      return "has no effect in the DCS document";
    default:
      return effect satisfies never;
  }
}
