import { z } from "zod";
import { Bug } from "../core/bug.ts";
import type { Result } from "../core/result.ts";
import { parseBitRate, parseMilliseconds, type BitRate, type Milliseconds } from "../core/units.ts";
import { refuse, Slug, Switch } from "./scalars.ts";
import { Bandwidth, RoundTrip } from "./section-scalars.ts";

const LinkIntent = z.strictObject({
  between: z
    .array(Slug)
    .length(2, {
      error: () => refuse("QUO003", "a link lies between two sites", "write it like [bj, sh]"),
    })
    .describe("The two sites."),
  rtt: RoundTrip.optional().describe(
    "The round trip between them, such as 12ms; default: not known, and nothing is concluded.",
  ),
  bandwidth: Bandwidth.optional().describe(
    "What the link carries per second, such as 200Mbit or 10Gbit; default: not known, and nothing is concluded.",
  ),
  reliable: Switch.optional().describe(
    "false: the link is expected to fail now and then; default: true.",
  ),
  commitsMayWait: Switch.optional().describe(
    "true: commits may wait for a confirmation across this link, however slow it is; default: false.",
  ),
});

/** `links`: what lies between the sites. */
export const Links = z.array(LinkIntent).describe("What lies between the sites.");
export type Links = z.infer<typeof Links>;

/** What lies between two sites. Nothing is concluded from what is not written. */
export interface ResolvedLink {
  readonly between: readonly [string, string];
  readonly rtt: Milliseconds | undefined;
  readonly bandwidth: BitRate | undefined;
  readonly reliable: boolean;
  readonly commitsMayWait: boolean;
}

/** Fills in the defaults of `links`. */
export function resolveLinks(links: Links | undefined): readonly ResolvedLink[] {
  return (links ?? []).map(({ between, rtt, bandwidth, reliable, commitsMayWait }) => ({
    between: [between[0] ?? "", between[1] ?? ""],
    rtt: rtt === undefined ? undefined : parsed(parseMilliseconds(rtt)),
    bandwidth: bandwidth === undefined ? undefined : parsed(parseBitRate(bandwidth)),
    reliable: reliable ?? true,
    commitsMayWait: commitsMayWait ?? false,
  }));
}

/** True when a link lies between these two sites, in either order. */
export function isBetween({ between }: ResolvedLink, a: string, b: string): boolean {
  return a !== b && between.includes(a) && between.includes(b);
}

function parsed<Value>(result: Result<Value, string>): Value {
  if (!result.ok) throw new Bug(`the schema let a text pass: ${result.error}`);
  return result.value;
}
