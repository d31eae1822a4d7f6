import { hasErrors, type Diagnostic } from "../core/diagnostic.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { nearest } from "../core/nearest.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ResolvedCluster } from "../intent/resolve-cluster.ts";
import type { SourcePath } from "../intent/source-offset.ts";
import type { Topology } from "../topology/derive-topology.ts";
import { checkDurability } from "./check-durability.ts";
import { checkParameters } from "./check-parameters.ts";
import { defaultSettings } from "./default-settings.ts";
import { checkSectionsAgainstTier } from "./check-sections.ts";
import type { Expressions, TierFacts } from "./expression.ts";
import { intentSettings } from "./intent-settings.ts";
import { sectionSettings } from "./section-settings.ts";
import { RANKS, type SettingValue } from "./setting-value.ts";
import { placeholderOf, type Tier } from "./tier.ts";

/** Every setting of a cluster's DCS document, each with the strongest value that was given. */
export interface DerivedSettings {
  readonly tier: Tier;
  readonly settings: readonly SettingValue[];
  /** Risks that do not stop anything. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Derives the settings of one cluster: built-in defaults, then its tier, then its intent, then its overrides. A
 * stronger rank wins; two different values of one rank are an error that names both places.
 */
export function deriveSettings(
  cluster: ResolvedCluster,
  topology: Topology,
  tiers: ReadonlyMap<string, Tier>,
  expressions: Expressions,
): Result<DerivedSettings, readonly Diagnostic[]> {
  const tier = tiers.get(cluster.tier);
  if (tier === undefined) return err([unknownTier(cluster, tiers)]);
  const facts = factsOf(cluster, topology);
  const fromTier = tierSettings(tier, facts, expressions);
  if (!fromTier.ok) return fromTier;
  const ranked = rankSettings([
    ...defaultSettings(cluster),
    ...fromTier.value,
    ...intentSettings(cluster),
    ...sectionSettings(cluster, tier),
  ]);
  if (!ranked.ok) return ranked;
  const judged = [
    ...checkParameters(cluster, ranked.value),
    ...checkDurability({ cluster, topology, tier, facts, settings: ranked.value, expressions }),
    ...checkSectionsAgainstTier({ cluster, topology, tier, settings: ranked.value }),
  ];
  if (hasErrors(judged)) return err(judged);
  return ok({ tier, settings: ranked.value, warnings: judged });
}

function unknownTier(
  { tier, source }: ResolvedCluster,
  tiers: ReadonlyMap<string, Tier>,
): Diagnostic {
  const names = [...tiers.keys()];
  const suggestion = nearest(tier, names);
  return {
    rule: "QUO006",
    severity: "error",
    message: `durability ${tier} is not a tier of this project`,
    at: source.at(["durability"]),
    hint:
      suggestion === undefined
        ? `tiers: ${names.join(", ") || "none"}`
        : `did you mean ${suggestion}?`,
  };
}

function factsOf(cluster: ResolvedCluster, topology: Topology): TierFacts {
  return {
    patroni: cluster.patroni,
    postgres: cluster.postgres,
    nodes: cluster.nodes.map(({ name, site, promotable, confirms }) => ({
      name,
      site,
      promotable,
      confirms,
    })),
    quorum: { count: topology.quorumCount },
  };
}

function tierSettings(
  tier: Tier,
  facts: TierFacts,
  expressions: Expressions,
): Result<readonly SettingValue[], readonly Diagnostic[]> {
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
  for (const [index, { when, dcs }] of tier.set.entries()) {
    const holds = when === undefined ? ok(true) : expressions.evaluate(when, facts);
    if (!holds.ok) failed(["set", index, "when"], holds.error);
    else if (holds.value === true)
      for (const { path, value } of leavesOf(dcs, [])) {
        const here = ["set", index, "dcs", ...path];
        const expression = placeholderOf(value);
        if (expression === undefined && typeof value === "string" && value.includes("${"))
          failed(here, "an expression must be the whole value");
        const evaluated =
          expression === undefined ? ok(value) : expressions.evaluate(expression, facts);
        if (evaluated.ok)
          settings.push({
            path,
            value: evaluated.value,
            rank: "tier",
            at: tier.source.at(here),
            keyAt: tier.source.atKey(here),
            because: `tier ${tier.name}`,
          });
        else failed(here, evaluated.error);
      }
  }
  return found.length > 0 ? err(found) : ok(settings);
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

function rankSettings(
  all: readonly SettingValue[],
): Result<readonly SettingValue[], readonly Diagnostic[]> {
  const strongest = new Map<string, SettingValue>();
  const found: Diagnostic[] = [];
  for (const rank of RANKS)
    for (const setting of all.filter((candidate) => candidate.rank === rank)) {
      const key = identityOf(setting.path);
      const other = strongest.get(key);
      if (other?.rank === rank && canonicalJson(other.value) !== canonicalJson(setting.value))
        found.push({
          rule: "QUO019",
          severity: "error",
          message: `${setting.path.join(".")} is set twice with different values by ${setting.because}`,
          at: setting.at,
          hint: "make the two conditions exclude each other, or remove one",
          related: [{ at: other.at, message: `${JSON.stringify(other.value)} here` }],
        });
      strongest.set(key, setting);
    }
  return found.length > 0 ? err(found) : ok([...strongest.values()]);
}
