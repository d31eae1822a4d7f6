import { distance } from "fastest-levenshtein";

/** The name that was most likely meant: the closest one, if it is close; else undefined. */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const away = distance(written.toLowerCase(), name.toLowerCase());
    if (best === undefined || away < best.distance) best = { name, distance: away };
  }
  const limit = written.length < 4 ? 1 : Math.max(2, Math.floor(written.length / 3));
  return best !== undefined && best.distance <= limit ? best.name : undefined;
}
