import fc from "fast-check";
import { stringify } from "yaml";
import { ClusterIntent } from "../../src/intent/cluster-intent.ts";
import { arbitraryOf } from "./zod-arbitrary.ts";

/** Sections that say something of any cluster, so that a generated one may be right by chance. */
const SECTIONS = [
  "owner",
  "labels",
  "fencing",
  "slots",
  "ignoreSlots",
  "rejoin",
  "logging",
  "postgresql",
  "access",
  "quorum",
  "failover",
] as const;

const SITES = ["bj", "sh", "gz"];

interface Shape {
  /** How many nodes each site has. */
  readonly sites: readonly number[];
  readonly roles: readonly string[];
  readonly kind: string;
  readonly voters: number;
}

/**
 * Projects whose parts belong together: names that exist, addresses of their own, one or two sections with any
 * values that their types take. Some compile, some are refused.
 */
export const coherentProject: fc.Arbitrary<{ readonly project: string; readonly cluster: string }> =
  fc
    .record({
      sites: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      roles: fc.array(fc.constantFrom("primary", "peer", "standby", "observer"), {
        minLength: 3,
        maxLength: 3,
      }),
      kind: fc.constantFrom("etcd3", "etcd3", "etcd", "consul", "zookeeper"),
      voters: fc.constantFrom(1, 3, 3, 5),
    })
    .chain((shape) =>
      fc.record({
        project: fc.constant(stringify(projectOf(shape))),
        cluster: fc
          .record({
            patroni: fc.constantFrom("3.0", "3.2", "3.3", "4.0", "4.0.6", "4.1"),
            postgres: fc.integer({ min: 13, max: 18 }),
            durability: fc.constantFrom(
              "async",
              "async",
              "sync",
              "sync",
              "sync-strict",
              "cross-site",
            ),
            onOutage: fc.constantFrom("keep-leading", "read-only"),
            sections: sectionsOf(),
          })
          .map(({ sections, onOutage, ...rest }) =>
            stringify({
              version: 1,
              cluster: "pay",
              ...rest,
              sites: sitesOf(shape),
              dcs: { onOutage },
              ...sections,
            }),
          ),
      }),
    );

function projectOf({ sites, kind, voters }: Shape): object {
  return {
    version: 1,
    dcs: {
      main: {
        kind,
        voters: Array.from({ length: voters }, (_, index) => ({
          name: `voter-${index}`,
          site: SITES[index % sites.length],
          address: `10.9.0.${index + 1}`,
        })),
      },
    },
    nodes: {
      tls: {
        certificate: "/etc/patroni/a.crt",
        key: "/etc/patroni/a.key",
        ca: "/etc/patroni/ca.crt",
      },
    },
    rest: { user: "quorate", password: "env:REST_PASSWORD" },
  };
}

function sitesOf({ sites, roles }: Shape): readonly object[] {
  return sites.map((count, site) => ({
    name: SITES[site],
    role: site === 0 ? "primary" : roles[site],
    nodes: Array.from({ length: count }, (_, index) => ({
      name: `pay-${site}-${index}`,
      address: `10.1.${site}.${index + 1}`,
    })),
  }));
}

function sectionsOf(): fc.Arbitrary<object> {
  const { shape } = ClusterIntent;
  const one = fc.constantFrom(...SECTIONS).chain((key) => {
    const written = arbitraryOf(shape[key]).filter((value) => value !== undefined);
    return written.map((value) => ({ [key]: value }));
  });
  const few = fc.array(one, { maxLength: 2 });
  return few.map((sections) =>
    Object.fromEntries(sections.flatMap((section) => Object.entries(section))),
  );
}
