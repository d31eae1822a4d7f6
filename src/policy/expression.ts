import { Environment } from "@marcbachmann/cel-js";
import { err, ok, type Result } from "../core/result.ts";
import { isAtLeast, readRunningVersion, type PatroniVersion } from "../patroni/version.ts";
import type { TierFacts } from "./tier-facts.ts";

/** What an expression gives: plain data that may stand in a configuration. */
export type ExpressionValue = boolean | number | string;

/**
 * Checks and evaluates expressions. The one place that knows which expression language it is: CEL.
 * Failures are one line, for people.
 */
export interface Expressions {
  /** Type-checks a text before anything is evaluated; gives the name of its type. */
  check(text: string): Result<string, string>;
  evaluate(text: string, facts: TierFacts): Result<ExpressionValue, string>;
}

/** CEL's own class for a version, so that `patroni.atLeast` is type-checked. */
class PatroniFact {
  readonly version: PatroniVersion;
  constructor(version: PatroniVersion) {
    this.version = version;
  }
}

/** Makes the evaluator; making it costs more than using it, so make one per command. */
export function celExpressions(): Expressions {
  const environment = new Environment({ limits: { maxAstNodes: 300, maxDepth: 24 } })
    .registerType("Patroni", { ctor: PatroniFact, fields: {} })
    .registerType("Node", {
      schema: {
        name: "string",
        site: "string",
        role: "string",
        promotable: "bool",
        confirms: "bool",
      },
    })
    .registerType("Site", { schema: { name: "string", role: "string", confirming: "int" } })
    .registerVariable("patroni", "Patroni")
    .registerVariable("postgres", "int")
    .registerVariable("nodes", "list<Node>")
    .registerVariable("sites", "list<Site>")
    .registerVariable({ name: "quorum", schema: { count: "int" } })
    .registerVariable({ name: "durability", schema: { ack: "string", onStandbyLoss: "string" } })
    .registerVariable({
      name: "failover",
      schema: { ordered: "bool", maxLoss: "int", ttl: "int" },
    })
    .registerFunction("Patroni.atLeast(string): bool", (fact: PatroniFact, text: string) => {
      const floor = readRunningVersion(text);
      if (floor === undefined) throw new TypeError(`"${text}" is not a Patroni version`);
      return isAtLeast(fact.version, floor);
    });
  const programs = new Map<string, Program>();
  const programOf = (text: string): Program => {
    const known = programs.get(text);
    if (known !== undefined) return known;
    const made = environment.parse(text);
    programs.set(text, made);
    return made;
  };
  return {
    check: (text) => checkText(environment, text),
    evaluate: (text, facts) => evaluateText(programOf, text, facts),
  };
}

/** An expression that was parsed once and is evaluated for every cluster. */
type Program = ReturnType<Environment["parse"]>;

function checkText(environment: Environment, text: string): Result<string, string> {
  const refusal = refuseCostly(text);
  if (refusal !== undefined) return err(refusal);
  const checked = environment.check(text);
  if (!checked.valid) return err(firstLine(checked.error?.message ?? "it is not an expression"));
  return ok(String(checked.type));
}

/** Macros that go through a list; one inside another multiplies. */
const MACROS = /\b(?:all|exists|exists_one|filter|map)\b/g;
const MAX_MACROS = 3;
const MAX_LENGTH = 1000;

/**
 * What would make evaluation unbounded: JavaScript's regular expressions can be made to run for ever, and
 * nested macros multiply. Words are counted wherever they stand, so that no spelling gets past.
 */
function refuseCostly(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (/\bmatches\b/.test(text)) return "matches() is not available here";
  const macros = text.match(MACROS)?.length ?? 0;
  if (macros <= MAX_MACROS) return undefined;
  return `it goes through lists ${macros} times, at most ${MAX_MACROS} are allowed`;
}

function evaluateText(
  programOf: (text: string) => Program,
  text: string,
  facts: TierFacts,
): Result<ExpressionValue, string> {
  try {
    // The library's declared context is an index signature of any; ours has no prototype.
    const value: unknown = programOf(text)(Object(contextOf(facts)));
    return plainValue(value);
  } catch (error) {
    return err(firstLine(error instanceof Error ? error.message : "it failed"));
  }
}

/** One cluster's facts serve every expression of its tier. */
const contexts = new WeakMap<TierFacts, unknown>();

function contextOf(facts: TierFacts): unknown {
  const known = contexts.get(facts);
  if (known !== undefined) return known;
  const context: object = Object.assign(Object.create(null), {
    patroni: new PatroniFact(facts.patroni),
    postgres: BigInt(facts.postgres),
    nodes: facts.nodes,
    sites: facts.sites.map((site) => ({ ...site, confirming: BigInt(site.confirming) })),
    quorum: { count: BigInt(facts.quorum.count) },
    durability: facts.durability,
    failover: {
      ordered: facts.failover.ordered,
      maxLoss: BigInt(facts.failover.maxLoss),
      ttl: BigInt(facts.failover.ttl),
    },
  });
  contexts.set(facts, context);
  return context;
}

function plainValue(value: unknown): Result<ExpressionValue, string> {
  if (typeof value === "bigint") return ok(Number(value));
  if (typeof value === "boolean" || typeof value === "string" || typeof value === "number")
    return ok(value);
  return err("it gives neither a number nor a text nor a switch");
}

function firstLine(message: string): string {
  return message.split("\n")[0]?.trim() ?? message;
}
