import type { JsonObject } from "../core/json.ts";
import { adjustTimeouts } from "../patroni/adjust-timeouts.ts";
import { refusedKeys } from "../patroni/refused-keys.ts";
import type { Release } from "./release.ts";

/**
 * What a node makes of a document it has not seen before. `rejected`: Patroni logs an exception and
 * keeps the timeouts and `postgresql` of the document before, while the document stays in the DCS.
 * `adjusted` is the document as `GET /config` shows it until the node's next loop.
 *
 * @see patroni/config.py:Config.set_dynamic_configuration
 */
export type Acceptance =
  | { readonly kind: "rejected" }
  | { readonly kind: "accepted"; readonly adjusted: JsonObject };

/** Reads a document as Patroni does when it has changed. */
export function acceptDocument(document: JsonObject, release: Release): Acceptance {
  if (refusedKeys(document, release.version).length > 0) return { kind: "rejected" };
  return {
    kind: "accepted",
    adjusted: release.adjustsTimeouts ? adjustTimeouts(document) : document,
  };
}
