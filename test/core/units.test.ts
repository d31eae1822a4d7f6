import { describe, expect, test } from "vitest";
import {
  formatBitRate,
  formatByteRate,
  formatSeconds,
  isBitRate,
  parseBitRate,
  parseByteRate,
  parseMilliseconds,
} from "../../src/core/units.ts";

describe("units of links", () => {
  test.each([
    { text: "12ms", value: 12 },
    { text: "1s", value: 1000 },
  ])("$text is a round trip", ({ text, value }) => {
    expect(parseMilliseconds(text)).toEqual({ ok: true, value });
  });

  test.each(["0ms", "12", "1m", "0.5ms", "ms", "-1ms", "12 ms", "9007199254740993ms"])(
    "%j is no round trip",
    (text) => {
      expect(parseMilliseconds(text).ok).toBe(false);
    },
  );

  test.each([
    { text: "200Mbit", value: 200_000_000 },
    { text: "10Gbit", value: 10_000_000_000 },
    { text: "512kbit", value: 512_000 },
  ])("$text is a bandwidth, in decimal bits", ({ text, value }) => {
    expect(parseBitRate(text)).toEqual({ ok: true, value });
  });

  test.each(["200MB", "200Mbit/s", "200mbit", "0Mbit", "200"])("%j is no bandwidth", (text) => {
    expect(parseBitRate(text).ok).toBe(false);
  });

  test.each([
    { text: "100MB/s", value: 100_000_000 },
    { text: "100MiB/s", value: 104_857_600 },
    { text: "32KiB/s", value: 32_768 },
    { text: "1GB/s", value: 1_000_000_000 },
  ])("$text is a rate of bytes", ({ text, value }) => {
    expect(parseByteRate(text)).toEqual({ ok: true, value });
  });

  test.each(["100MB", "100Mbit", "100M", "0MB/s", "KB/s", "1KB/s"])("%j is no rate", (text) => {
    expect(parseByteRate(text).ok).toBe(false);
  });

  test("are written as people compare them", () => {
    const rates = [2_000_000_000, 200_000_000, 1500, 1];
    expect(rates.map((rate) => (isBitRate(rate) ? formatBitRate(rate) : ""))).toEqual([
      "2 Gbit/s",
      "200 Mbit/s",
      "1500 bit/s",
      "1 bit/s",
    ]);
    expect([12_500_000, 104_857_600].map(formatByteRate)).toEqual(["12.5 MB/s", "104.9 MB/s"]);
    expect([0, 59, 60, 90, 86_400].map(formatSeconds)).toEqual([
      "0 s",
      "59 s",
      "1 min",
      "90 s",
      "24 h",
    ]);
  });
});
