import type { Out } from "../core/ports.ts";

/** Results on standard output, progress and logs on standard error. */
export const terminal: Out = {
  result: (text) => {
    process.stdout.write(`${text}\n`);
  },
  progress: (text) => {
    process.stderr.write(`${text}\n`);
  },
};
