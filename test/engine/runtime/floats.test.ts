/** Floats as text: the runtime's exact algorithms against the host's, which are exact as well. */
import { expect, test } from "vitest"
import { openRuntime } from "./harness.ts"
import { createRandom } from "./random.ts"

const rt = openRuntime(10n ** 15n)
const view = new DataView(new ArrayBuffer(8))

function ofBits(bits: bigint): number {
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}

/** Decimal text without exponent, from the host's shortest digits. */
function plain(x: number): string {
  const [mantissa = "", exponent] = String(Math.abs(x)).split("e")
  let [whole = "", fraction = ""] = mantissa.split(".")
  const shift = Number(exponent ?? 0)
  if (shift > 0) {
    const moved = fraction.padEnd(shift, "0")
    whole += moved.slice(0, shift)
    fraction = moved.slice(shift)
  } else if (shift < 0) {
    const moved = whole.padStart(1 - shift, "0")
    fraction = moved.slice(shift) + fraction
    whole = moved.slice(0, shift)
  }
  return (x < 0 || Object.is(x, -0) ? "-" : "") + whole.replace(/^0+(?=.)/, "") + (fraction ? `.${fraction}` : "")
}

const edges = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.2,
  0.3,
  1 / 3,
  2 / 3,
  5e-324,
  1e-323,
  2.2250738585072014e-308,
  2.225073858507201e-308,
  1.7976931348623157e308,
  9007199254740991,
  9007199254740992,
  9007199254740994,
  1e15,
  1e16,
  1e20,
  1e21,
  1e22,
  1e23,
  123456789012345680,
  4.35,
  0.000001,
  1e-5,
  1e-7,
  9.5e-7,
  2 ** -1074,
  2 ** 1023,
  9.109e-31,
  6.02214076e23,
  4.9406564584124654e-324,
  3.5844466002796428e298,
  2 ** 63,
  2 ** 64,
  1e300,
  8.41e21,
  2.0 ** 70
]

function samples(): number[] {
  const random = createRandom(20261122)
  const out = [...edges]
  while (out.length < 60_000) {
    const kind = out.length % 4
    let x = ofBits(random.bits64())
    if (kind === 1) x = random.below(2_000_000_000) / 10 ** random.below(12)
    if (kind === 2) x = ofBits((random.bits64() & 0x000fffffffffffffn) | (BigInt(1000 + random.below(60)) << 52n))
    if (kind === 3) x = random.below(1000) * 2 ** (random.below(2000) - 1000)
    if (Number.isFinite(x)) out.push(x)
  }
  return out
}

test("shortest digits agree with the host on 60,000 floats of all magnitudes", () => {
  const wrong: string[] = []
  for (const x of samples()) {
    const got = rt.call("str", x)
    if (got !== plain(x)) wrong.push(`${x}: ${String(got)} instead of ${plain(x)}`)
  }
  expect(wrong.slice(0, 5)).toEqual([])
})

test("reading is correctly rounded on what floats print as", () => {
  const wrong: string[] = []
  for (const x of samples()) {
    const text = Object.is(x, -0) ? "-0" : String(x)
    if (!Object.is(rt.call("parse-float", text), x)) wrong.push(text)
  }
  expect(wrong.slice(0, 5)).toEqual([])
})

test("reading is correctly rounded on long and half-way texts", () => {
  const random = createRandom(7)
  const texts = [
    "2.4703282292062327208e-324",
    "2.4703282292062328e-324",
    "2.47032822920623272e-324",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "179769313486231580793e289",
    "9007199254740993",
    "9007199254740993.0000000000000000000000000000000000001",
    "0.5e-400",
    "1e400",
    "1e-400",
    "0e999999999999",
    "00000.00001",
    "123.",
    ".5",
    `${"9".repeat(900)}e-880`,
    `0.${"0".repeat(400)}${"7".repeat(30)}e390`,
    `1${"0".repeat(850)}1e-840`,
    "6.631236846766476e-316",
    "3.2378839133029012895883524125015321e-319"
  ]
  for (let i = 0; i < 6000; i++) {
    const digits = 1 + random.below(40)
    let text = ""
    for (let k = 0; k < digits; k++) text += random.below(10)
    texts.push(`${text}.${random.below(1_000_000)}e${random.below(640) - 330}`)
    // Exactly between two neighbouring floats, and a hair to either side.
    const x = ofBits((random.bits64() & 0x7fefffffffffffffn) >> 0n)
    const m = 2n * BigInt(random.below(2 ** 31) * 2 ** 21 + 2 ** 52) + 1n
    texts.push(`${m}${"0".repeat(random.below(5))}`, `${m}.0000000000000000000001`, String(x))
  }
  const wrong = texts.filter(t => !Object.is(rt.call("parse-float", t), Number(t)))
  expect(wrong).toEqual([])
})

test("texts that are no floats give nil", () => {
  for (const t of ["", " ", "e5", ".", "-", "+", "1e", "1e+", "1..2", "1.2.3", "0x10", "1_000", "infinit", "na n", "1 2", "--1"])
    expect(rt.call("parse-float", t)).toBe(null)
})

test("signs, specials and whitespace are read", () => {
  expect(rt.call("parse-float", " \u00a0+2.5e-1\n")).toBe(0.25)
  expect(rt.call("parse-float", "-inf")).toBe(Number.NEGATIVE_INFINITY)
  expect(rt.call("parse-float", "Infinity")).toBe(Number.POSITIVE_INFINITY)
  expect(rt.call("parse-float", "NaN")).toBe(Number.NaN)
  expect(rt.call("parse-float", "-0")).toBe(-0)
})

test("JSON writes floats as serde does and reads them back", () => {
  for (const [x, text] of [
    [1e16, "1e16"],
    [9999999999999998, "9999999999999998.0"],
    [1e-5, "0.00001"],
    [9.9e-6, "9.9e-6"],
    [-0, "-0.0"],
    [1.5e300, "1.5e300"],
    [100, "100.0"]
  ] as const) {
    expect(rt.call("serialize-json", x)).toBe(text)
    expect(rt.call("parse-json", text)).toBe(x)
  }
})

test("pow stays within one unit in the last place of the host", () => {
  const random = createRandom(99)
  for (let i = 0; i < 3000; i++) {
    const base = random.below(100000) / 1000
    const exponent = random.below(4000) / 100 - 20
    const ours = rt.call("pow", base, exponent) as number
    const theirs = base ** exponent
    const ulp = Math.max(Math.abs(theirs) * 2 ** -52, 5e-324)
    if (ours !== theirs) expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(ulp)
  }
})
