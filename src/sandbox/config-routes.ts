import { canonicalJson } from "../core/json.ts";
import { mergePatch } from "../patroni/merge.ts";
import type { ClusterStore } from "./cluster-store.ts";
import {
  errorPage,
  jsonReply,
  readJsonBody,
  type RestReply,
  type RestRequest,
} from "./rest-message.ts";
import type { StandIn } from "./stand-in.ts";

/**
 * `PATCH /config`: reads the document afresh, merges, and writes it if nobody else has written since;
 * 409 if somebody has. The answer is the whole document.
 *
 * @see patroni/api.py:RestApiHandler.do_PATCH_config
 */
export async function patchConfig(
  request: RestRequest,
  standIn: StandIn,
  store: ClusterStore,
): Promise<RestReply> {
  const patch = await readJsonBody(request, { isOptional: false });
  if (!patch.ok) return patch.error;
  const { version, document } = await standIn.refresh();
  const merged = mergePatch(document, patch.value);
  if (merged.changed && !(await store.compareAndSet(version, merged.document)))
    return errorPage(409, "Conflict");
  standIn.wake();
  return jsonReply(200, merged.document);
}

/**
 * `PUT /config`: replaces the document whatever happened since, and wakes nobody.
 *
 * @see patroni/api.py:RestApiHandler.do_PUT_config
 */
export async function putConfig(
  request: RestRequest,
  standIn: StandIn,
  store: ClusterStore,
): Promise<RestReply> {
  const wanted = await readJsonBody(request, { isOptional: false });
  if (!wanted.ok) return wanted.error;
  const { document } = await standIn.refresh();
  if (canonicalJson(document) !== canonicalJson(wanted.value)) await store.set(wanted.value);
  return jsonReply(200, wanted.value);
}
