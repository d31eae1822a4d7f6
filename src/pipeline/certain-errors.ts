import type { Diagnostic, Span } from "../core/diagnostic.ts";
import type { Unfit } from "../intent/possible-readings.ts";

/**
 * The errors that every reading of a file gives. What stands where a value does not fit is about that value.
 *
 * @param judge looks at one reading; it is not called for all of them when nothing is left to be certain of
 */
export function certainErrors<Read>(
  readings: Iterable<Read>,
  judge: (reading: Read) => readonly Diagnostic[],
  { places, holdsNames }: Unfit,
): readonly Diagnostic[] {
  let left: ReadonlyMap<string, Diagnostic> | undefined;
  for (const reading of readings) {
    const found = new Map<string, Diagnostic>();
    for (const said of judge(reading)) {
      const key = `${placeText(said.at)} ${said.rule} ${said.message}`;
      const isAbout = isAmong(places, said.at) || (holdsNames && ABOUT_NAMES.has(said.rule));
      const isLeft = left === undefined || left.has(key);
      if (said.severity === "error" && !isAbout && isLeft) found.set(key, said);
    }
    left = found;
    if (found.size === 0) return [];
  }
  return [...(left?.values() ?? [])];
}

/**
 * What is named may be what is written where a name does not fit: a DCS (QUO006), the sites of its voters (QUO010 of a
 * witness, QUO024), a map of users (QUO034).
 */
const ABOUT_NAMES: ReadonlySet<string> = new Set(["QUO006", "QUO010", "QUO024", "QUO034"]);

/** Whether a place is one of these. */
export function isAmong(places: readonly Span[], at: Span): boolean {
  return places.some((place) => placeText(place) === placeText(at));
}

function placeText({ file, line, col }: Span): string {
  return `${file}:${line}:${col}`;
}
