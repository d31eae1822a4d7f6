import { z } from "zod";

const Reference = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("env"), name: z.string() }),
  z.object({ kind: z.literal("file"), path: z.string() }),
]);

/** A member of the cluster, or of one that follows it and is booted with it, as the intent names it. */
export const LabNode = z
  .object({
    name: z.string(),
    /** The Patroni cluster that it belongs to; absent: the lab's own. */
    cluster: z.string().exactOptional(),
    /** The project's name for the etcd cluster that it uses; absent: there is only one. */
    dcs: z.string().exactOptional(),
    site: z.string(),
    address: z.string(),
    restPort: z.number().int(),
    postgresPort: z.number().int(),
    /** The common name that its certificate must have; its name when absent. */
    commonName: z.string().exactOptional(),
  })
  .readonly();
export type LabNode = z.infer<typeof LabNode>;

/** A member of an etcd cluster. One that shares its address with a node runs on that node's host. */
export const LabVoter = z
  .object({
    name: z.string(),
    /** The project's name for its etcd cluster; absent: there is only one. */
    dcs: z.string().exactOptional(),
    site: z.string(),
    address: z.string(),
    clientPort: z.number().int(),
  })
  .readonly();
export type LabVoter = z.infer<typeof LabVoter>;

/**
 * What the lab must know of a cluster beyond its rendered files: who stands where, and by which
 * names the commands that run inside look for the secrets of the REST API. Kept in the lab's state.
 */
export const LabCluster = z
  .object({
    name: z.string(),
    /** Absolute: the folder `rendered/<cluster>` of the project. Clusters that follow stand beside it. */
    renderedDir: z.string(),
    patroni: z.enum(["3.0", "4.0", "4.1"]),
    postgresMajor: z.number().int(),
    /** Those of the cluster itself come first. */
    nodes: z.array(LabNode).readonly(),
    voters: z.array(LabVoter).readonly(),
    /** CIDRs that `pg_hba` admits; the client takes a free address of the first usable one. */
    clients: z.array(z.string()).readonly(),
    /** CIDRs from which the REST API takes changes, beside the members; absent: all. */
    allowlist: z.array(z.string()).readonly().exactOptional(),
    rest: z
      .object({
        scheme: z.enum(["http", "https"]),
        user: z.string().exactOptional(),
        password: Reference.exactOptional(),
        ca: Reference.exactOptional(),
        clientCertificate: Reference.exactOptional(),
        clientKey: Reference.exactOptional(),
      })
      .readonly(),
  })
  .readonly();
export type LabCluster = z.infer<typeof LabCluster>;

/** The Patroni clusters of a lab: its own first, then those that follow it. */
export function patroniClusters({ name, nodes }: LabCluster): readonly string[] {
  return [...new Set([name, ...nodes.map((node) => node.cluster ?? name)])];
}
