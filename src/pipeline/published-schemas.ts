import type { JsonObject } from "../core/json.ts";
import { ClusterDefaults, ClusterIntent } from "../intent/cluster-intent.ts";
import { fileSchema } from "../intent/file-schema.ts";
import { ProjectIntent } from "../intent/project-intent.ts";
import {
  documentSchema,
  schemaReleaseOf,
  schemaReleases,
  type DocumentKind,
} from "../patroni/document-schema.ts";
import { formatPatroniVersion, type PatroniVersion } from "../patroni/version.ts";
import { TierDocument } from "../policy/tier.ts";

/** The schemas that `quorate schema` prints, by the word that asks for them. */
export const SCHEMA_NAMES = ["cluster", "project", "tier", "dcs", "node"] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** What each schema describes. */
export const SCHEMA_SUMMARIES: Readonly<Record<SchemaName, string>> = {
  cluster: "clusters/*.yaml, the intent of one cluster",
  project: "quorate.yaml, what all clusters of a project have in common",
  tier: "policies/tiers/*.yaml, a durability tier",
  dcs: "Patroni's configuration in the DCS, for one release",
  node: "a node's patroni.yml, for one release",
};

/** A schema as it is published in `schema/`. */
export interface PublishedSchema {
  /** Below `schema/`. */
  readonly path: string;
  readonly schema: JsonObject;
}

const DOCUMENTS: Readonly<Partial<Record<SchemaName, DocumentKind>>> = {
  dcs: "dynamic",
  node: "node",
};

/** The releases for which a schema differs, oldest first; empty for one that no release of Patroni changes. */
export function releasesOf(name: SchemaName): readonly PatroniVersion[] {
  const kind = DOCUMENTS[name];
  return kind === undefined ? [] : schemaReleases(kind);
}

/** One schema; for Patroni's own documents that of a release, and without one of the newest. */
export function publishedSchema(name: SchemaName, release?: PatroniVersion): PublishedSchema {
  const kind = DOCUMENTS[name];
  if (kind === undefined) return { path: `${name}.schema.json`, schema: intentSchema(name) };
  const newest = schemaReleases(kind).at(-1);
  const version = release ?? newest ?? { major: 0, minor: 0, patch: 0 };
  const from = schemaReleaseOf(kind, version);
  return {
    path: `patroni/${name}-${formatPatroniVersion(from)}.schema.json`,
    schema: documentSchema(kind, from),
  };
}

/** Every schema. */
export function publishedSchemas(): readonly PublishedSchema[] {
  return SCHEMA_NAMES.flatMap((name) => {
    const releases = releasesOf(name);
    return releases.length === 0
      ? [publishedSchema(name)]
      : releases.map((release) => publishedSchema(name, release));
  });
}

/** A schema as a file's text. */
export function schemaText(schema: JsonObject): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function intentSchema(name: SchemaName): JsonObject {
  if (name === "project") return fileSchema(ProjectIntent, "A Quorate project: quorate.yaml");
  if (name === "tier") return fileSchema(TierDocument, "A durability tier of Quorate");
  const title = "The intent of one cluster for Quorate";
  return fileSchema(ClusterIntent, title, Object.keys(ClusterDefaults.shape));
}
