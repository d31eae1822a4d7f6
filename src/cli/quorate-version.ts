/** Quorate's own version; the build puts package.json's in its place. */
export const QUORATE_VERSION: string =
  typeof __QUORATE_VERSION__ === "string" ? __QUORATE_VERSION__ : "0.0.0-source";

/** Tells this very build from all others; undefined for one that runs from its sources. */
export const QUORATE_BUILD: string | undefined =
  typeof __QUORATE_BUILD__ === "string" ? __QUORATE_BUILD__ : undefined;

declare const __QUORATE_VERSION__: string | undefined;
declare const __QUORATE_BUILD__: string | undefined;
