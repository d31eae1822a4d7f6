import fc from "fast-check";
import { z } from "zod";

/** Words that one or another key of the intent takes, and some that none does. */
const WORDS: readonly string[] = [
  ..."a b bj sh gz pay pay-1 pay-2 pay-3 pay-9 main other orders sync async majority".split(" "),
  ..."sync-strict cross-site async-bounded x 3.0 3.2 3.3 4.0 4.1 4.1.5 2.9 auto postgres".split(
    " ",
  ),
  ..."replicator quorate 0s 1s 5s 10s 30s 60s 5m 2h 1d 0 1ms 12ms 200ms 16MiB 1GiB 0B 64MB".split(
    " ",
  ),
  ..."100MB/s 200Mbit 1Gbit 10.1.1.1 10.1.1.2 10.1.0.1 fd00:4::1 db1.example.net localhost".split(
    " ",
  ),
  ..."10.0.0.0/8 0.0.0.0/0 fd00::/8 /etc/tls/server.crt / /var/lib/postgresql/{cluster}".split(" "),
  ..."/service/ /x/y/ env:NAME file:/etc/secret file:x hunter2 wal_level logical work_mem ttl".split(
    " ",
  ),
  ..."max_connections shared_buffers pgoutput nofailover site 2026-12-01 2026-12-01T06:00Z".split(
    " ",
  ),
  "/bin/true %p %f",
  "hostssl all all 10.0.0.0/8 scram-sha-256",
  "on",
  "no",
  "",
  " ",
  "é\n",
];

/**
 * Values that a zod type takes, and at times ones that it does not: built from the type itself, so that a new
 * key of the language is generated from the day on which it exists.
 */
export function arbitraryOf(schema: unknown): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: fittingFor(schema) }, { weight: 1, arbitrary: ANY });
}

const ANY: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.dictionary(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS), { maxKeys: 2 }),
);

function fittingFor(schema: unknown): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional) return fittingFor(schema.unwrap());
  if (schema instanceof z.ZodObject) return objectOf(schema.shape);
  if (schema instanceof z.ZodArray) return fc.array(arbitraryOf(schema.element), { maxLength: 4 });
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(fc.constantFrom(...WORDS), arbitraryOf(schema.valueType), { maxKeys: 3 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(arbitraryOf));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNull) return fc.constant(null);
  if (schema instanceof z.ZodNumber) return fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer());
  if (schema instanceof z.ZodString) return wordOf(schema);
  return ANY;
}

function objectOf(shape: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const entries = Object.entries(shape).map(([key, type]): [string, fc.Arbitrary<unknown>] => [
    key,
    arbitraryOf(type),
  ]);
  const required = Object.keys(shape).filter((key) => !(shape[key] instanceof z.ZodOptional));
  return fc.record(Object.fromEntries(entries), { requiredKeys: required });
}

const FITTING = new Map<unknown, readonly string[]>();

function wordOf(schema: z.ZodString): fc.Arbitrary<unknown> {
  const known = FITTING.get(schema) ?? WORDS.filter((word) => schema.safeParse(word).success);
  FITTING.set(schema, known);
  return known.length === 0 ? fc.string({ maxLength: 8 }) : fc.constantFrom(...known);
}
