import { environmentName } from "../src/patroni/environment-name.ts";
import { EFFECT_TEXT, unitText } from "../src/patroni/setting-text.ts";
import type { Setting } from "../src/patroni/setting.ts";
import { SETTINGS } from "../src/patroni/settings-table.ts";
import { formatPatroniVersion } from "../src/patroni/version.ts";

const HEAD = `# Patroni's settings

Every setting of Patroni 3.0 to 4.1, as Quorate knows it: what it emits, checks and explains comes from this table. Made from
\`src/patroni/settings-table.ts\` by \`npm run schemas:update\`; do not edit. \`test/real/catalogue.test.ts\` compares it with the code of Patroni 3.0,
4.0 and 4.1. Sources are files below \`patroni/\` and names in them, at the newest release that has the setting; \`docs/\` is Patroni's documentation.

\`<name>\` stands for a name of one's own, \`[]\` for each item of a list. A setting "after 4.1" is on Patroni's development branch only: no release
knows it, and Quorate never emits it.
`;

/** `docs/settings.md`: one table for each section of Patroni's configuration. */
export function settingsPage(): string {
  const sections = new Map<string, Setting[]>();
  for (const setting of SETTINGS) {
    const title = sectionOf(setting);
    sections.set(title, [...(sections.get(title) ?? []), setting]);
  }
  const tables = [...sections].map(([title, rows]) => `## ${title}\n\n${table(rows)}`);
  return `${HEAD}\n${tables.join("\n\n")}\n`;
}

function sectionOf({ path, scope }: Setting): string {
  const [first = ""] = path;
  if (first === "postgresql")
    return scope === "local"
      ? "postgresql, in patroni.yml"
      : "postgresql, in the DCS or in patroni.yml";
  if (scope === "dynamic") return "The DCS configuration";
  return path.length === 1 ? "patroni.yml" : first;
}

const COLUMNS: readonly (readonly [title: string, cell: (setting: Setting) => string])[] = [
  ["key", ({ path }) => `\`${path.join(".")}\``],
  ["what it is for", whatText],
  ["value", valueText],
  ["default", ({ byDefault }) => byDefault ?? ""],
  ["counts in", placeText],
  ["releases", releasesText],
  ["a change takes effect", ({ effect }) => EFFECT_TEXT[effect] ?? ""],
  ["environment", environmentText],
  ["source", ({ source }) => `\`${source}\``],
];

function table(rows: readonly Setting[]): string {
  const columns = COLUMNS.filter(([, cell]) => rows.some((row) => cell(row) !== ""));
  const lines = [
    columns.map(([title]) => title),
    columns.map(() => "---"),
    ...rows.map((row) => columns.map(([, cell]) => escaped(cell(row)))),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Signs that mean something to Markdown lose their meaning outside of code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith("`") ? part : part.replaceAll(/[|*<_]/g, (sign) => `\\${sign}`),
    )
    .join("");
}

function whatText({ what, aliasOf, note }: Setting): string {
  const alias = aliasOf === undefined ? "" : ` Write \`${aliasOf}\` instead.`;
  return `${what}${alias}${note === undefined ? "" : ` (${note})`}`;
}

const KINDS: Readonly<Record<Setting["kind"], string>> = {
  any: "anything",
  bool: "true or false",
  bool_or_enum: "true, false",
  duration: "whole number or duration",
  enum: "",
  float: "number",
  "host:port": "host:port",
  int: "whole number",
  int_or_list: "number or list",
  ip: "address",
  list: "list",
  list_or_csv: "list, or text with commas",
  list_or_map: "list or map",
  map: "map",
  map_or_null: "map or empty",
  path: "path",
  size: "size",
  string: "text",
  string_or_list: "text or list",
};
const ITEMS = { text: "text", text_or_map: "text or maps", whole: "numbers" } as const;

function valueText(setting: Setting): string {
  const { kind, values, valuesSince, items, min, max, multipleOf } = setting;
  const unit = unitText(setting);
  const words = values?.map((word) => {
    const since = valuesSince?.[word];
    return since === undefined ? `\`${word}\`` : `\`${word}\` (since ${since})`;
  });
  const parts = [
    KINDS[kind],
    ...(items === undefined ? [] : [`of ${ITEMS[items]}`]),
    ...(words ?? []),
    ...(unit === undefined ? [] : [`in ${unit}`]),
    ...(min === undefined ? [] : [`${min} or more`]),
    ...(max === undefined ? [] : [`${max} or less`]),
    ...(multipleOf === undefined ? [] : [`a multiple of ${multipleOf}`]),
  ];
  return parts
    .filter((part) => part !== "")
    .join(", ")
    .replace(", of ", " of ");
}

const PLACES: Readonly<Record<Setting["scope"], string>> = {
  both: "both",
  bootstrap: "patroni.yml, once",
  dynamic: "DCS",
  local: "patroni.yml",
  none: "nowhere: Patroni sets it",
};

function placeText({ scope }: Setting): string {
  return PLACES[scope];
}

function releasesText({ since, until, isUpcoming }: Setting): string {
  if (isUpcoming === true) return "after 4.1";
  const from = since === undefined ? "all" : `${formatPatroniVersion(since)} and newer`;
  return until === undefined ? from : `before ${formatPatroniVersion(until)}`;
}

function environmentText(setting: Setting): string {
  const name = environmentName(setting);
  if (name === undefined) return "";
  return setting.isSecret === true ? `\`${name}\` (secret)` : `\`${name}\``;
}
