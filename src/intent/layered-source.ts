import { isJsonObject } from "../core/json.ts";
import type { Source } from "./source.ts";
import type { SourcePath } from "./source-offset.ts";
import { writtenValue } from "./written-value.ts";

/**
 * Puts a document over the defaults that stand in another one: a map is merged key by key, any other value
 * that is written replaces the default. A place is looked up where the value was written: in the document,
 * or else among the defaults; for a path that is in neither, at its nearest parent in the document.
 *
 * @param path where the defaults stand in their document; nothing there means no defaults
 */
export function layerSource(written: Source, defaults: Source, path: SourcePath): Source {
  const below = writtenValue(defaults.value, path);
  if (!isRecord(below)) return written;
  const placeOf = (wanted: SourcePath): readonly [Source, SourcePath] =>
    !has(written.value, wanted) && has(below, wanted)
      ? [defaults, [...path, ...wanted]]
      : [written, wanted];
  return {
    file: written.file,
    value: isRecord(written.value) ? merge(below, written.value) : written.value,
    at: (wanted) => {
      const [source, place] = placeOf(wanted);
      return source.at(place);
    },
    atKey: (wanted) => {
      const [source, place] = placeOf(wanted);
      return source.atKey(place);
    },
  };
}

type Values = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Values {
  return isJsonObject(value);
}

function merge(below: Values, above: Values): Values {
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const inherited = merged.get(key);
    merged.set(key, isRecord(inherited) && isRecord(value) ? merge(inherited, value) : value);
  }
  return Object.fromEntries(merged);
}

function has(value: unknown, path: SourcePath): boolean {
  return path.length > 0 && writtenValue(value, path) !== undefined;
}
