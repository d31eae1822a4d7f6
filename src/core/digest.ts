import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "./json.ts";

declare const digestBrand: unique symbol;

/** A sha256 in lower-case hexadecimal, 64 characters. */
export type Digest = string & { readonly [digestBrand]: "sha256" };

/** True for the text form of a {@link Digest}. */
export function isDigest(text: string): text is Digest {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The digest of a text's UTF-8 bytes. */
export function digestOfText(text: string): Digest {
  const hex = createHash("sha256").update(text, "utf8").digest("hex");
  if (isDigest(hex)) return hex;
  throw new TypeError("sha256 did not give 64 hexadecimal digits");
}

/** The digest of a value, whatever the order of its keys. */
export function digestOf(value: Json): Digest {
  return digestOfText(canonicalJson(value));
}

/** The first 12 digits: enough to tell revisions apart when people read them. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 12);
}
