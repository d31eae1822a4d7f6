/** Quorate's own version; the build puts package.json's in its place. */
export const QUORATE_VERSION: string =
  typeof __QUORATE_VERSION__ === "string" ? __QUORATE_VERSION__ : "0.0.0-source";

declare const __QUORATE_VERSION__: string | undefined;
