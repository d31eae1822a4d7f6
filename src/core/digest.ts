import { hash } from "node:crypto";
import { Bug } from "./bug.ts";
import { canonicalJson, type Json, type JsonObject } from "./json.ts";

declare const digestBrand: unique symbol;

/** A sha256 in lower-case hexadecimal, 64 characters. */
export type Digest = string & { readonly [digestBrand]: "sha256" };

/** True for the text form of a {@link Digest}. */
export function isDigest(text: string): text is Digest {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The digest of a text's UTF-8 bytes. */
export function digestOfText(text: string): Digest {
  const hex = hash("sha256", text, "hex");
  if (isWhole(hex)) return hex;
  throw new Bug("sha256 did not give 64 hexadecimal digits");
}

/** Enough for what the hash function itself gave. */
function isWhole(hex: string): hex is Digest {
  return hex.length === 64;
}

/** The digest of a value, whatever the order of its keys; `known` as for {@link canonicalJson}. */
export function digestOf(value: Json, known?: Map<JsonObject, string>): Digest {
  return digestOfText(canonicalJson(value, known));
}

/** The first 12 digits: enough to tell revisions apart when people read them. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 12);
}
