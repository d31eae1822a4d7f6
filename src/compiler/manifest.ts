/** The name of the file that lists all others of a cluster. */
export const MANIFEST = "manifest.json";
