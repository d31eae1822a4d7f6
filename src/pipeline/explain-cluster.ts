import type { CompiledCluster, CompiledNode } from "../compiler/compiled-cluster.ts";
import { hbaLines, identLines, type CompiledLine } from "../compiler/compile-hba.ts";
import { nodeOrigin } from "../compiler/node-origin.ts";
import { wordOrigin } from "../compiler/word-origin.ts";
import type { Span } from "../core/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { findSetting, type SettingEffect } from "../patroni/setting.ts";
import { findAdvice } from "../patroni/setting-advice.ts";
import { formatPatroniVersion } from "../patroni/version.ts";
import { changeEffect, restartOrder } from "../plan/change-effect.ts";
import type { Effect } from "../plan/plan.ts";
import type { SettingValue } from "../policy/setting-value.ts";
import {
  findPostgresParameter,
  OLDEST_POSTGRES,
  postgresParameterRows,
} from "../postgres/parameter.ts";
import { parameterNameOf, safeRange } from "./safe-range.ts";
import { settingPlace, type SettingPlace } from "./setting-place.ts";

/** Who set a value, where, and by which word. */
export interface SetBy {
  readonly rank: SettingValue["rank"] | "project";
  readonly at: Span;
  readonly because: string;
  readonly value: Json;
}

/** One line of a compiled list, and what it comes from. */
export interface LineBy extends Omit<SetBy, "value"> {
  readonly text: string;
}

/** Everything that is known about one key of a cluster. */
export interface Explanation {
  readonly key: string;
  /** The nodes whose `patroni.yml` holds this value; empty for a key of the DCS document. */
  readonly nodes: readonly string[];
  /** Undefined: Quorate does not set it. */
  readonly setBy: SetBy | undefined;
  /** The values of weaker ranks that it replaced, strongest first. */
  readonly replaced: readonly SetBy[];
  /** For a list that is compiled line by line: each line, with what it comes from. Else empty. */
  readonly lines: readonly LineBy[];
  /** Where it would be set, and by which words. */
  readonly place: SettingPlace;
  /** True when apply sees to it that the key is not in the DCS. */
  readonly isKeptAbsent: boolean;
  readonly meaning: string | undefined;
  readonly lower: string | undefined;
  readonly higher: string | undefined;
  readonly effect: Effect;
  /** What a change of a key of a node's file takes, beside installing it; undefined for the DCS document. */
  readonly fileEffect: SettingEffect | undefined;
  /** For a restart of PostgreSQL: which nodes go first when the value is raised; undefined: any order. */
  readonly orderWhenRaised: string | undefined;
  readonly range: string | undefined;
  /** The unit of a bare number: `s`, `bytes`; undefined where there is none. */
  readonly unit: string | undefined;
  /** What Patroni or PostgreSQL uses where nobody sets it. */
  readonly byDefault: string | undefined;
  /** The first release that has it. */
  readonly since: string;
}

/** Explains every key that Quorate sets in a cluster's DCS document, sorted by key. */
export function explainCluster(cluster: CompiledCluster): readonly Explanation[] {
  return [...explainSettings(cluster), ...explainLists(cluster)].toSorted((a, b) =>
    a.key < b.key ? -1 : 1,
  );
}

function explainSettings(cluster: CompiledCluster): readonly Explanation[] {
  return cluster.settings
    .filter(({ value }) => value !== null)
    .map((setting) => explainSetting(setting.path, setting, cluster));
}

/** The lists that the compiler makes line by line; one that is not in the document is left out. */
function explainLists(cluster: CompiledCluster): readonly Explanation[] {
  const { resolved } = cluster;
  const lists: readonly (readonly [string, readonly CompiledLine[]])[] = [
    ["pg_hba", hbaLines(resolved, resolved.relatives)],
    ["pg_ident", identLines(resolved, resolved.relatives)],
  ];
  return lists
    .filter(([, lines]) => lines.length > 0)
    .map(([key, compiled]) => {
      const lines = compiled.map(({ text, words, node, item }): LineBy => ({
        ...wordOrigin(words, resolved, { node, item }),
        text,
      }));
      return {
        ...explainSetting(["postgresql", key], undefined, cluster),
        setBy: {
          rank: "default",
          at: resolved.source.at(["access", "postgres"]),
          because: "compiled line by line",
          value: lines.map(({ text }) => text),
        },
        lines,
        isKeptAbsent: false,
      };
    });
}

/** Explains a key of the DCS document, or one that nothing sets: then `setting` is undefined. */
export function explainSetting(
  path: readonly string[],
  setting: SettingValue | undefined,
  cluster: CompiledCluster,
): Explanation {
  const place = settingPlace(path, cluster.resolved);
  const key = path.join(".");
  return {
    key,
    nodes: [],
    setBy: setting === undefined ? undefined : setByOf(setting),
    replaced: (setting?.replaced ?? []).map(setByOf).toReversed(),
    lines: [],
    place,
    isKeptAbsent: cluster.absent.some((absent) => absent.join(".") === key),
    ...adviceOf(path),
    effect: changeEffect(path, cluster.resolved.postgres),
    fileEffect: place.document === "patroni.yml" ? findSetting(path)?.effect : undefined,
    orderWhenRaised: restartOrder(path, 1, 2),
    range: safeRange(path, cluster),
    unit: findSetting(path)?.unit,
    byDefault: findSetting(path)?.byDefault ?? parameterDefault(path, cluster),
    since: sinceOf(path),
  };
}

/** What a key is for, and what a change of it costs; of one without advice, what its row says. */
function adviceOf(path: readonly string[]): Pick<Explanation, "meaning" | "lower" | "higher"> {
  const advice = findAdvice(path);
  const meaning = advice?.meaning ?? findSetting(path)?.what;
  return { meaning, lower: advice?.lower, higher: advice?.higher };
}

/** Explains every key of the nodes' files; nodes with the same value from the same place stand together. */
export function explainNodeFiles(cluster: CompiledCluster): readonly Explanation[] {
  const found = new Map<string, Explanation>();
  for (const node of cluster.nodes)
    for (const { path, value } of leavesOf(node.config, []))
      addNodeKey({ path, value }, node, { cluster, found });
  return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: Json;
}

function addNodeKey(
  { path, value }: Leaf,
  { name }: CompiledNode,
  {
    cluster,
    found,
  }: { readonly cluster: CompiledCluster; readonly found: Map<string, Explanation> },
): void {
  const node = cluster.resolved.nodes.find((candidate) => candidate.name === name);
  const origin = node === undefined ? undefined : nodeOrigin(path, node, cluster.resolved);
  if (origin === undefined) return;
  const key = path.join(".");
  const place = origin.rank === "default" ? undefined : origin.at;
  const identity = JSON.stringify([key, value, origin.because, place]);
  const same = found.get(identity);
  found.set(
    identity,
    same === undefined
      ? {
          ...explainSetting(path, undefined, cluster),
          nodes: [name],
          setBy: { ...origin, value },
          isKeptAbsent: false,
          fileEffect: findSetting(path)?.effect,
        }
      : { ...same, nodes: [...same.nodes, name] },
  );
}

function* leavesOf(value: JsonObject, path: readonly string[]): Generator<Leaf> {
  for (const [key, field] of Object.entries(value)) {
    const here = [...path, key];
    // The document of the DCS is explained for itself.
    if (here.join(".") === "bootstrap.dcs") continue;
    if (isJsonObject(field) && Object.keys(field).length > 0) yield* leavesOf(field, here);
    else yield { path: here, value: field };
  }
}

function setByOf({ rank, at, because, value }: SettingValue): SetBy {
  return { rank, at, because, value };
}

/** PostgreSQL's own default; a packager or initdb may choose another one. */
function parameterDefault(
  path: readonly string[],
  { resolved }: CompiledCluster,
): string | undefined {
  const parameter = findPostgresParameter(parameterNameOf(path) ?? "", resolved.postgres);
  if (parameter?.byDefault === undefined) return undefined;
  return parameter.unit === undefined
    ? parameter.byDefault
    : `${parameter.byDefault} (counted in ${parameter.unit})`;
}

function sinceOf(path: readonly string[]): string {
  const name = parameterNameOf(path);
  if (name !== undefined) {
    const since = postgresParameterRows(name)[0]?.from ?? OLDEST_POSTGRES;
    return since === OLDEST_POSTGRES ? `PostgreSQL ${since} or older` : `PostgreSQL ${since}`;
  }
  const since = findSetting(path)?.since;
  return since === undefined ? "Patroni 3.0 or older" : `Patroni ${formatPatroniVersion(since)}`;
}
