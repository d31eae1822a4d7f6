import { joinObjects, type JsonObject } from "../core/json.ts";
import type { ResolvedNodeKeys } from "../intent/node-keys-intent.ts";

/**
 * The tags of a node that say what it serves and where its WAL comes from, then its own. Patroni leaves tags that
 * are false out, and so do we.
 *
 * @see patroni/tags.py at v4.1.4
 */
export function compileNodeTags(node: ResolvedNodeKeys): JsonObject {
  return joinObjects(
    node.serveReads ? {} : { noloadbalance: true },
    node.cloneSource ? { clonefrom: true } : {},
    node.streams ? {} : { nostream: true },
    node.tags,
  );
}
