/**
 * A mistake in Quorate itself: a broken invariant, never a mistake of a user and never a refusal of
 * the world. Caught once, in `src/cli/main.ts`, which exits with 1.
 */
export class Bug extends Error {
  override readonly name = "Bug";
}
