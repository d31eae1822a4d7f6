import type { Json } from "../core/json.ts";
import { environmentName } from "./environment-name.ts";
import type { Setting, SettingEffect } from "./setting.ts";
import { formatPatroniVersion } from "./version.ts";

const UNITS: ReadonlyMap<string, string> = new Map([
  ["s", "seconds"],
  ["MB", "megabytes"],
]);

/** When a change of a setting takes effect, in words; undefined when it never does. */
export const EFFECT_TEXT: Readonly<Record<SettingEffect, string | undefined>> = {
  "ha-loop": "in the next HA loop",
  "n/a": undefined,
  "next-use": "when it is used next",
  "patroni-restart": "when Patroni is restarted",
  reload: "with a reload",
  "reload-or-restart": "with a reload, or a restart of PostgreSQL",
  restart: "with a restart of PostgreSQL",
};

/** What a setting is for, with its unit, default, releases and effect, in sentences for an editor. */
export function settingText(setting: Setting): string {
  const { what, byDefault, since, effect, aliasOf, isSecret, note } = setting;
  const inUnit = unitText(setting);
  const when = EFFECT_TEXT[effect];
  const name = environmentName(setting);
  const variable =
    isSecret === true && name !== undefined
      ? `A secret: give it to Patroni in its environment, as ${name}.`
      : undefined;
  const sentences = [
    what,
    ...(inUnit === undefined ? [] : [`In ${inUnit}.`]),
    ...(byDefault === undefined ? [] : [`Default: ${byDefault}.`]),
    ...(since === undefined ? [] : [`Since Patroni ${formatPatroniVersion(since)}.`]),
    ...(aliasOf === undefined ? [] : [`Write ${aliasOf} instead.`]),
    ...(variable === undefined ? [] : [variable]),
    ...(when === undefined ? [] : [`A change takes effect ${when}.`]),
    ...(note === undefined ? [] : [`Note: ${note}.`]),
  ];
  return sentences.join(" ");
}

/** The unit of a setting's numbers in words; undefined for a setting without one. */
export function unitText({ unit }: Setting): string | undefined {
  return unit === undefined ? undefined : (UNITS.get(unit) ?? unit);
}

/** The default as a value, where the documentation's text is one; else undefined. */
export function typedDefault({ kind, byDefault, values }: Setting): Json | undefined {
  if (byDefault === undefined) return undefined;
  if (byDefault === "true" || byDefault === "false") return byDefault === "true";
  const isNumber =
    ["int", "duration", "float"].includes(kind) && /^-?\d+(?:\.\d+)?$/.test(byDefault);
  if (isNumber) return Number(byDefault);
  return values?.includes(byDefault) === true ? byDefault : undefined;
}
