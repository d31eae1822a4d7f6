import { describe, expect, test } from "vitest";
import { intentKeys, isIntentKey } from "../../src/intent/intent-key.ts";
import { DCS_WORDS, NODE_WORDS } from "../../src/intent/override-words-table.ts";

/** Words with dots or capitals inside: keys of the intent, of `quorate.yaml` or of Patroni. */
function keysIn(text: string): readonly string[] {
  return (
    text.replaceAll("quorate.yaml", "").match(/\b[a-z]+(?:[A-Z][a-zA-Z]*|(?:\.[a-zA-Z]+)+)\b/g) ??
    []
  );
}

describe("what is to be written instead of an override", () => {
  test.each([...DCS_WORDS, ...NODE_WORDS])("is in the language: $instead", ({ instead }) => {
    for (const key of keysIn(instead)) {
      const isOfProject = key.startsWith("nodes.");
      const isOverride = /^overrides\.(?:dcs|node)$/.test(key);
      expect(isOfProject || isOverride || isIntentKey(key), key).toBe(true);
    }
  });

  test("names keys at all", () => {
    const named = new Set([...DCS_WORDS, ...NODE_WORDS].flatMap(({ instead }) => keysIn(instead)));
    expect(named.size).toBeGreaterThan(12);
    expect(named).toContain("access.postgres.hba");
    expect(intentKeys().length).toBeGreaterThan(100);
    expect(isIntentKey("postgresql.hba")).toBe(false);
  });
});
