import { z } from "zod";
import { digestOf, isDigest, type Digest } from "../core/digest.ts";
import { isJsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ClusterPlan, Plan } from "./plan.ts";

const Path = z.array(z.string());
const DigestText = z.string().refine((text) => isDigest(text));
const JsonValue = z.json();
const JsonMap = z.record(z.string(), JsonValue);
const ChangeDocument = z.strictObject({
  path: Path,
  before: JsonValue.optional(),
  after: JsonValue.optional(),
  effect: z.enum([
    "next loop",
    "reload",
    "restart",
    "reload or restart",
    "next use",
    "no effect",
    "demotes the whole cluster",
  ]),
  order: z.string().optional(),
  origin: z.enum(["change", "drift", "unknown"]),
  because: z.string(),
});
const StepDocument = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("patch-config"),
    patch: JsonMap,
    changes: z.array(ChangeDocument),
    because: z.string(),
    risk: z.enum(["none", "restart-pending", "demotion"]),
  }),
  z.strictObject({ kind: z.literal("blocked"), text: z.string() }),
  z.strictObject({ kind: z.literal("note"), text: z.string() }),
]);
const Reason = z.strictObject({
  parameter: z.string(),
  oldValue: z.string(),
  newValue: z.string(),
});
const FindingDocument = z.strictObject({
  path: Path,
  value: JsonValue.optional(),
  release: z.string(),
  does: z.string(),
  fate: z.enum(["replaced", "removed", "left alone"]),
  blocksApply: z.boolean(),
});
const ClusterDocument = z.strictObject({
  cluster: z.string(),
  basis: z.strictObject({ config: DigestText, keys: z.record(z.string(), z.string().max(64)) }),
  target: DigestText,
  steps: z.array(StepDocument),
  unmanaged: z.array(Path),
  findings: z.array(FindingDocument),
  nodes: z.array(
    z.strictObject({ node: z.string(), running: z.string().optional(), wanted: z.string() }),
  ),
  waiting: z.array(z.strictObject({ node: z.string(), reasons: z.array(Reason) })),
});
const PlanDocument = z.strictObject({
  formatVersion: z.literal(1),
  clusters: z.array(ClusterDocument),
  digest: DigestText,
});

/** Puts cluster plans together and seals them with the digest of what they do. */
export function sealPlan(clusters: readonly ClusterPlan[]): Plan {
  return { formatVersion: 1, clusters, digest: digestOfClusters(clusters) };
}

/**
 * The digest by which a plan is approved: what it was made from, where it leads, and what it sends. What
 * people are told besides (why, since when, what waits) may be told otherwise tomorrow.
 */
function digestOfClusters(clusters: readonly ClusterPlan[]): Digest {
  return digestOf({
    formatVersion: 1,
    clusters: clusters.map(({ cluster, basis, target, steps }) => ({
      cluster,
      basis: { config: basis.config, keys: basis.keys },
      target,
      patches: steps.flatMap((step) => (step.kind === "patch-config" ? [step.patch] : [])),
    })),
  });
}

/** Writes a plan as a file's text. */
export function writePlan(plan: Plan): string {
  return `${JSON.stringify(plan, undefined, 2)}\n`;
}

/** Reads a stored plan. The failure says why it cannot be used: another version, or changed since. */
export function readPlan(text: string): Result<Plan, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return err("it is not JSON");
  }
  if (!isJsonObject(parsed)) return err("it is not a plan");
  if (parsed["formatVersion"] !== 1)
    return err(
      `it has format version ${JSON.stringify(parsed["formatVersion"])}, this Quorate reads 1`,
    );
  const document = PlanDocument.safeParse(parsed);
  if (!document.success)
    return err(`it is not a plan: ${document.error.issues[0]?.path.join(".") ?? ""}`);
  if (!isPlan(parsed)) return err("it is not a plan");
  if (digestOfClusters(parsed.clusters) !== parsed.digest)
    return err("its digest does not fit: it was changed after it was written");
  return ok(parsed);
}

/** The schema above has said so already; this tells the types. */
function isPlan(value: unknown): value is Plan {
  return PlanDocument.safeParse(value).success;
}
