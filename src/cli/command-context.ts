import type { Instant } from "../core/instant.ts";
import type { Out } from "../core/ports.ts";

/** What every command gets from `main`: where to speak, where the project is, how to end. */
export interface CommandContext {
  readonly out: Out;
  /** The project's folder, absolute. */
  readonly projectRoot: () => string;
  /** The moment by which everything that ends is judged. */
  readonly now: () => Instant;
  readonly setExitCode: (code: number) => void;
}
