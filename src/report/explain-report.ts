import type { Span } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import { formatBytes } from "../core/units.ts";
import type { Explanation, SetBy } from "../pipeline/explain-cluster.ts";
import { unitOf } from "../pipeline/safe-range.ts";
import { count, field, printable, valueText } from "./value-text.ts";

/** Every key of a cluster on one line each: value, who set it, and where. */
export function explanationsTable(explanations: readonly Explanation[]): string {
  const rows = explanations.map(({ key, nodes, setBy, lines, unit }) => [
    nodes.length === 0 ? key : `${key} (${nodes.join(", ")})`,
    shown(setBy?.value, lines, unit),
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
  const { setBy, replaced, lines, key, unit } = explanation;
  const where =
    explanation.nodes.length === 0 ? "" : ` (patroni.yml of ${explanation.nodes.join(", ")})`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["set by", setBy === undefined ? unsetText(explanation) : whoText(setBy)],
    ...lineRows(lines),
    ...replaced.map((weaker): readonly [string, string] => [
      "instead of",
      `${measured(weaker.value, unit)}, ${whoText(weaker)}`,
    ]),
    ["set with", setBy === undefined || lines.length > 0 ? placeText(explanation) : undefined],
    ["meaning", explanation.meaning],
    ["less or off", explanation.lower],
    ["more or on", explanation.higher],
    ["a change", effectText(explanation)],
    ["safe values", explanation.range],
    ["if not set", explanation.byDefault],
    ["since", sinceText(explanation)],
  ];
  const text = rows.flatMap(([name, said]) =>
    said === undefined ? [] : [`  ${name.padEnd(11)}  ${said}`],
  );
  return printable(
    [`${field(cluster)}: ${key} = ${shown(setBy?.value, lines, unit)}${where}`, ...text].join("\n"),
  );
}

/** Each line of a compiled list, with what it comes from. */
function lineRows(lines: Explanation["lines"]): readonly (readonly [string, string])[] {
  const texts = lines.map(({ text }) => field(text));
  const width = Math.max(0, ...texts.map((text) => text.length));
  return lines.map((line, index) => [
    String(index + 1).padStart(11),
    `${(texts[index] ?? "").padEnd(width)}  ${whoText(line)}`,
  ]);
}

function shown(
  value: Json | undefined,
  lines: Explanation["lines"],
  unit: string | undefined,
): string {
  return lines.length > 0 ? count(lines.length, "line") : measured(value, unit);
}

/** What is said where a key of the intent sets nothing in Patroni. */
export function nothingText(cluster: string, key: string): string {
  return field(`${cluster}: ${key} is a key of the intent, and sets no key of Patroni by itself`);
}

/** The same as data. */
export function explanationsJson(cluster: string, explanations: readonly Explanation[]): string {
  return JSON.stringify({ formatVersion: 1, cluster, keys: explanations }, undefined, 2);
}

/** A number with its unit, bytes in the largest that fits. */
function measured(value: Json | undefined, unit: string | undefined): string {
  if (typeof value !== "number" || unit === undefined) return valueText(value);
  if (unit === "bytes" && value >= 0) return formatBytes(value);
  return `${value} ${unitOf(value, unit)}`;
}

function whoText({ rank, at, because }: Omit<SetBy, "value">): string {
  return `${rank}, ${spanText(at)} (${field(because)})`;
}

function spanText({ file, line, col }: Span): string {
  return `${field(file)}:${line}:${col}`;
}

function unsetText({ isKeptAbsent, place }: Explanation): string {
  if (place.document !== "dcs" && place.document !== "both") return "nobody";
  return isKeptAbsent
    ? "nobody; apply removes it from the DCS where it finds it"
    : "nobody; apply leaves it alone where it finds it";
}

const DOCUMENTS: Readonly<Record<Explanation["place"]["document"], string>> = {
  dcs: "in the DCS",
  "patroni.yml": "in patroni.yml of the nodes",
  both: "in the DCS, or in patroni.yml of the nodes",
  nowhere: "",
};

function placeText({ place: { document, words } }: Explanation): string {
  if (document === "nowhere") return "nothing: Patroni sets it itself";
  const said = words.length === 0 ? "no key of the intent" : words.join(", ");
  return `${said}; it counts ${DOCUMENTS[document]}`;
}

function sinceText({ since, place }: Explanation): string {
  return place.isKnown ? since : `${since}; what this cluster runs does not have it`;
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
