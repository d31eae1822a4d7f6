import type { Diagnostic, Span } from "../core/diagnostic.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { checkDurability } from "./check-durability.ts";
import { checkParameters } from "./check-parameters.ts";
import { defaultSettings } from "./default-settings.ts";
import { checkSectionsAgainstTier } from "./check-sections.ts";
import type { Expressions } from "./expression.ts";
import { tierFacts, type TierFacts } from "./tier-facts.ts";
import { shapeOf } from "./find-tier.ts";
import { INTENT_KEYS, intentSettings } from "./intent-settings.ts";
import { sectionSettings } from "./section-settings.ts";
import { RANKS, type SettingValue } from "./setting-value.ts";
import { checkStandbySettings, standbySettings } from "./standby-settings.ts";
import { placeholderOf, type Tier } from "./tier.ts";

/** Every setting of a cluster's DCS document, each with the strongest value that was given. */
export interface DerivedSettings {
  readonly tier: Tier;
  readonly settings: readonly SettingValue[];
  /** What is wrong or risky. With an error among it, a setting that is wrong may be missing or not the one meant. */
  readonly found: readonly Diagnostic[];
}

/**
 * Derives the settings of one cluster: built-in defaults, then its tier, then its intent, then its overrides. A
 * stronger rank wins; two different values of one rank are an error that names both places.
 */
export function deriveSettings(
  cluster: ResolvedCluster,
  topology: Topology,
  tier: Tier,
  expressions: Expressions,
): DerivedSettings {
  const shape = shapeOf(tier, cluster);
  const facts = tierFacts(cluster, topology, shape);
  const fromTier = tierSettings(tier, facts, expressions);
  const values = [
    ...defaultSettings(cluster),
    ...fromTier.settings,
    ...intentSettings(cluster),
    ...sectionSettings(cluster, tier),
  ];
  const ranked = rankSettings([...values, ...standbySettings(cluster)]);
  const { settings } = ranked;
  const found = [
    ...fromTier.found,
    ...fromTier.settings.flatMap((setting) => takenFromIntent(setting)),
    ...checkStandbySettings(values),
    ...ranked.found,
  ];
  const given = { cluster, topology, tier, shape, facts, settings, expressions };
  // What the tier sets is not known then, so nothing can be said of what it promises.
  const isTierKnown = fromTier.found.length === 0 && ranked.isTierSound;
  const judged = [
    ...checkParameters(cluster, settings),
    ...(isTierKnown ? [...checkDurability(given), ...checkSectionsAgainstTier(given)] : []),
  ];
  return { tier, settings, found: [...found, ...judged] };
}

/** What decides over leases and outages is checked where the intent says it, and shown there. */
function takenFromIntent({ path, keyAt, because }: SettingValue): readonly Diagnostic[] {
  const word = INTENT_KEYS.get(path.join("."));
  if (word === undefined) return [];
  return [
    {
      rule: "QUO019",
      severity: "error",
      message: `${because} sets ${path.join(".")}, which only ${word} sets`,
      at: keyAt,
      hint: `remove it, and write ${word} in the cluster's file or in the project's defaults`,
    },
  ];
}

/** Settings, and what is wrong with others. */
type GivenSettings = Omit<DerivedSettings, "tier">;

function tierSettings(tier: Tier, facts: TierFacts, expressions: Expressions): GivenSettings {
  const settings: SettingValue[] = [];
  const found: Diagnostic[] = [];
  const failed = (path: SourcePath, message: string): void => {
    found.push({
      rule: "QUO016",
      severity: "error",
      message: `tier ${tier.name}: ${message}`,
      at: tier.source.at(path),
    });
  };
  for (const [index, { when, leaves }] of leavesOfTier(tier).entries()) {
    const holds = when === undefined ? ok(true) : expressions.evaluate(when, facts);
    if (!holds.ok) failed(["set", index, "when"], holds.error);
    else if (holds.value === true)
      for (const { path, written, value, expression, at, keyAt } of leaves) {
        const evaluated =
          expression === undefined ? literal(value) : expressions.evaluate(expression, facts);
        if (!evaluated.ok) failed(written, evaluated.error);
        else
          settings.push({
            path,
            value: evaluated.value,
            rank: "tier",
            at,
            keyAt,
            because: `tier ${tier.name}`,
          });
      }
  }
  return { settings, found };
}

function literal(value: Json): Result<Json, string> {
  const isPart = typeof value === "string" && value.includes("${");
  return isPart ? err("an expression must be the whole value") : ok(value);
}

/** One value that a tier sets. */
interface TierLeaf {
  readonly path: readonly string[];
  /** Where it stands in the tier. */
  readonly written: SourcePath;
  readonly value: Json;
  /** What it is computed by; undefined: it is the value. */
  readonly expression: string | undefined;
  readonly at: Span;
  readonly keyAt: Span;
}

interface TierSet {
  readonly when: string | undefined;
  readonly leaves: readonly TierLeaf[];
}

/** A few tiers serve thousands of clusters. */
const knownLeaves = new WeakMap<Tier, readonly TierSet[]>();

function leavesOfTier(tier: Tier): readonly TierSet[] {
  const known = knownLeaves.get(tier);
  if (known !== undefined) return known;
  const made = tier.set.map(({ when, dcs }, index) => ({
    when,
    leaves: [...leavesOf(dcs, [])].map(({ path, value }) => {
      const written = ["set", index, "dcs", ...path];
      const [at, keyAt] = [tier.source.at(written), tier.source.atKey(written)];
      return { path, written, value, expression: placeholderOf(value), at, keyAt };
    }),
  }));
  knownLeaves.set(tier, made);
  return made;
}

function* leavesOf(
  value: JsonObject,
  path: readonly string[],
): Generator<{ readonly path: readonly string[]; readonly value: Json }> {
  for (const [key, field] of Object.entries(value)) {
    const here = [...path, key];
    if (isJsonObject(field) && Object.keys(field).length > 0) yield* leavesOf(field, here);
    else yield { path: here, value: field };
  }
}

/** Parameter names are the same in any case; every other key is not. */
function identityOf(path: readonly string[]): string {
  const text = path.join("\0");
  return text.startsWith("postgresql\0parameters\0") ? text.toLowerCase() : text;
}

function replacing(setting: SettingValue, other: SettingValue): SettingValue {
  const { replaced = [], ...weaker } = other;
  return { ...setting, replaced: [...replaced, weaker] };
}

function rankSettings(
  all: readonly SettingValue[],
): GivenSettings & { readonly isTierSound: boolean } {
  const strongest = new Map<string, SettingValue>();
  let isTierSound = true;
  const found: Diagnostic[] = [];
  for (const rank of RANKS)
    for (const setting of all.filter((candidate) => candidate.rank === rank)) {
      const key = identityOf(setting.path);
      const other = strongest.get(key);
      if (other?.rank === rank && canonicalJson(other.value) !== canonicalJson(setting.value)) {
        isTierSound &&= rank !== "tier";
        found.push({
          rule: "QUO019",
          severity: "error",
          message: `${setting.path.join(".")} is set twice with different values by ${setting.because}`,
          at: setting.at,
          hint:
            rank === "tier"
              ? "make the two conditions exclude each other, or remove one"
              : "keep one of the two",
          related: [{ at: other.at, message: `${JSON.stringify(other.value)} here` }],
        });
      }
      strongest.set(key, other === undefined ? setting : replacing(setting, other));
    }
  return { settings: [...strongest.values()], found, isTierSound };
}
