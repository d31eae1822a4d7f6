import { z } from "zod";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { isJsonObject } from "../core/json.ts";
import type { ProjectFiles } from "../core/ports.ts";
import { unreadableFile, unreadableFolder } from "../core/unreadable.ts";
import { readAs } from "../intent/read-as.ts";
import { oneOf, Slug, Switch, whole } from "../intent/scalars.ts";
import { readSources, type Source } from "../intent/source.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import type { Expressions } from "./expression.ts";

/** What a person writes for one tier. */
export const TierDocument = z.strictObject({
  tier: Slug.describe("The tier's name, which a cluster writes under durability."),
  promise: z
    .strictObject({
      loss: oneOf(["none", "bounded"]).describe(
        "What an automatic failover may lose of acknowledged commits.",
      ),
      copies: whole("a number of copies, the leader's included", 1, 50).describe(
        "How many copies of a commit there are when it is acknowledged, the leader's included.",
      ),
      withoutStandby: oneOf(["block", "continue"]).describe(
        "What writes do when no standby is left.",
      ),
      span: oneOf(["node", "site"])
        .optional()
        .describe(
          "Whether the copies of a commit are in two nodes or in two sites; default: node.",
        ),
      majority: Switch.optional().describe(
        "Whether a commit aims at a majority of the nodes that confirm; default: false.",
      ),
    })
    .describe("What the tier promises."),
  when: z
    .string()
    .optional()
    .describe("What a cluster must have to use this tier, as an expression; default: nothing."),
  message: z
    .string()
    .optional()
    .describe("Said when `when` does not hold; default: the expression itself."),
  fix: z.string().optional().describe("The way out that is said then; default: none."),
  set: z
    .array(
      z.strictObject({
        when: z
          .string()
          .optional()
          .describe("For which clusters the settings count, as an expression; default: all."),
        dcs: z
          .record(z.string(), z.unknown())
          .describe("Keys of Patroni's DCS configuration; ${expression} gives a computed value."),
      }),
    )
    .describe("The settings that keep the promise."),
});

/** A durability tier: what it promises, and the settings that keep the promise. */
export interface Tier {
  readonly name: string;
  readonly promise: z.infer<typeof TierDocument>["promise"];
  readonly when: string | undefined;
  readonly message: string | undefined;
  readonly fix: string | undefined;
  readonly set: readonly { readonly when: string | undefined; readonly dcs: JsonObject }[];
  readonly source: Source;
}

/** Where tiers live. */
export const TIER_FOLDER = "policies/tiers";

/** Reads every tier of a project. Expressions are checked here, before any cluster is looked at. */
export async function loadTiers(
  files: ProjectFiles,
  expressions: Expressions,
): Promise<{ readonly tiers: ReadonlyMap<string, Tier>; readonly found: readonly Diagnostic[] }> {
  const tiers = new Map<string, Tier>();
  const listed = await files.list(TIER_FOLDER);
  const found: Diagnostic[] = listed.failures.map(({ path, failure }) =>
    unreadableFolder(path, failure),
  );
  for (const file of listed.files) {
    if (!/\.ya?ml$/.test(file)) continue;
    const text = await files.read(file);
    if (!text.ok) {
      found.push(unreadableFile(file, text.error));
      continue;
    }
    const sources = readSources(file, text.value);
    if (!sources.ok) found.push(...sources.error);
    else for (const source of sources.value) addTier(source, tiers, found, expressions);
  }
  return { tiers, found };
}

function addTier(
  source: Source,
  tiers: Map<string, Tier>,
  found: Diagnostic[],
  expressions: Expressions,
): void {
  const read = readAs(TierDocument, source);
  if (!read.ok) {
    found.push(...read.error);
    return;
  }
  const { tier: name, ...rest } = read.value;
  const first = tiers.get(name);
  if (first !== undefined)
    found.push({
      rule: "QUO005",
      severity: "error",
      message: `two tiers are named ${name}`,
      at: source.at(["tier"]),
      hint: "rename one of them",
      related: [{ at: first.source.at(["tier"]), message: "the other one" }],
    });
  found.push(...checkExpressions(read.value, source, expressions));
  tiers.set(name, {
    name,
    promise: rest.promise,
    when: rest.when,
    message: rest.message,
    fix: rest.fix,
    set: rest.set.map(({ when, dcs }) => ({ when, dcs: plainJson(dcs) })),
    source,
  });
}

/** What {@link TierFacts} holds, for people. */
const TIER_WORDS =
  'tiers see patroni.atLeast("4.0"), postgres, nodes (name, site, role, promotable, confirms), sites (name, role, confirming), quorum.count, durability (ack, onStandbyLoss) and failover (ordered, maxLoss, ttl)';

function checkExpressions(
  document: z.infer<typeof TierDocument>,
  source: Source,
  expressions: Expressions,
): readonly Diagnostic[] {
  const conditions: (readonly [string, SourcePath])[] = [];
  const values: (readonly [string, SourcePath])[] = [];
  if (document.when !== undefined) conditions.push([document.when, ["when"]]);
  for (const [index, { when, dcs }] of document.set.entries()) {
    if (when !== undefined) conditions.push([when, ["set", index, "when"]]);
    collectPlaceholders(plainJson(dcs), ["set", index, "dcs"], values);
  }
  const wrong = (path: SourcePath, message: string): Diagnostic => ({
    rule: "QUO016",
    severity: "error",
    message,
    at: source.at(path),
    hint: TIER_WORDS,
  });
  return [
    ...conditions.flatMap(([text, path]) => {
      const checked = expressions.check(text);
      if (!checked.ok)
        return [wrong(path, `this condition does not hold together: ${checked.error}`)];
      return checked.value === "bool"
        ? []
        : [wrong(path, `this condition gives a ${checked.value}, expected a bool`)];
    }),
    ...values.flatMap(([text, path]) => {
      const checked = expressions.check(text);
      return checked.ok ? [] : [wrong(path, `this value does not hold together: ${checked.error}`)];
    }),
  ];
}

/** The expression inside a whole-string `${ … }`; undefined for any other value. */
export function placeholderOf(value: Json): string | undefined {
  return typeof value === "string" ? /^\$\{([^{}]+)\}$/.exec(value)?.[1]?.trim() : undefined;
}

function collectPlaceholders(
  value: Json,
  path: SourcePath,
  into: (readonly [string, SourcePath])[],
): void {
  const expression = placeholderOf(value);
  if (expression !== undefined) into.push([expression, path]);
  if (!isJsonObject(value)) return;
  for (const [key, field] of Object.entries(value))
    collectPlaceholders(field, [...path, key], into);
}

/** YAML gives JSON's data model once keys are text; this tells the types so. */
function plainJson(value: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plainValue(field)]));
}

function plainValue(value: unknown): Json {
  if (Array.isArray(value)) return value.map((item) => plainValue(item));
  if (isJsonObject(value)) return plainJson(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  return null;
}
