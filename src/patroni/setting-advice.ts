import { SETTING_ADVICE, type SettingAdvice } from "./setting-advice-table.ts";

const BY_PATH: ReadonlyMap<string, SettingAdvice> = new Map(
  SETTING_ADVICE.map((advice) => [advice.path, advice]),
);

/** Finds what is known about a setting, or about the map that it stands in; undefined when nothing is. */
export function findAdvice(path: readonly string[]): SettingAdvice | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const advice = BY_PATH.get(path.slice(0, length).join("."));
    if (advice !== undefined) return advice;
  }
  return undefined;
}
