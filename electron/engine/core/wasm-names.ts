/** The names of WebAssembly's instructions and types in the text format, by their place in the binary format. */

/** Value types by their byte. */
export const typeNames: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
  [0x69, "exnref"]
])

/** Heap types after `ref.null`. */
export const heapNames: ReadonlyMap<number, string> = new Map([
  [0x70, "func"],
  [0x6f, "extern"],
  [0x69, "exn"]
])

/** Instructions of one byte; whether immediates follow is the printer's affair. A dash stands for an unassigned place. */
export const plainNames = namesFrom({
  0: "unreachable nop block loop if else - - throw - throw_ref end br br_if br_table return",
  16: "call call_indirect return_call return_call_indirect",
  26: "drop select select",
  31: "try_table local.get local.set local.tee global.get global.set table.get table.set",
  40: "i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u",
  48: "i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u",
  54: "i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32",
  63: "memory.size memory.grow i32.const i64.const f32.const f64.const",
  69: each("i32", "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  80: each("i64", "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  91: each("f32", "eq ne lt gt le ge"),
  97: each("f64", "eq ne lt gt le ge"),
  103: each("i32", "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"),
  121: each("i64", "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"),
  139: each("f32", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"),
  153: each("f64", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"),
  167: each("i32", "wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u"),
  172: each("i64", "extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u"),
  178: each("f32", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64"),
  183: each("f64", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32"),
  188: "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64",
  192: "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s",
  208: "ref.null ref.is_null ref.func"
})

/** Instructions after the byte 0xfc. */
export const bulkNames = namesFrom({
  0: each("i32", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u"),
  4: each("i64", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u"),
  8: "memory.init data.drop memory.copy memory.fill table.init elem.drop table.copy table.grow table.size table.fill"
})

/** Instructions after the byte 0xfd. */
export const vectorNames = namesFrom({
  0: each("v128", "load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u"),
  7: each("v128", "load8_splat load16_splat load32_splat load64_splat store const"),
  13: "i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat",
  21: each("i8x16", "extract_lane_s extract_lane_u replace_lane"),
  24: each("i16x8", "extract_lane_s extract_lane_u replace_lane"),
  27: "i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane",
  31: "f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane",
  35: each("i8x16", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  45: each("i16x8", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  55: each("i32x4", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  65: each("f32x4", "eq ne lt gt le ge"),
  71: each("f64x2", "eq ne lt gt le ge"),
  77: each("v128", "not and andnot or xor bitselect any_true load8_lane load16_lane load32_lane load64_lane"),
  88: each("v128", "store8_lane store16_lane store32_lane store64_lane load32_zero load64_zero"),
  94: "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4",
  96: each("i8x16", "abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u"),
  103: "f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest",
  107: each("i8x16", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u"),
  116: "f64x2.ceil f64x2.floor i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc i8x16.avgr_u",
  124: "i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u",
  128: each("i16x8", "abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u"),
  135: each("i16x8", "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u"),
  139: each("i16x8", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u"),
  148: "f64x2.nearest i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u",
  156: each("i16x8", "extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u"),
  160: each("i32x4", "abs neg - all_true bitmask - -"),
  167: each("i32x4", "extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u"),
  171: each("i32x4", "shl shr_s shr_u add - - sub - - - mul min_s min_u max_s max_u dot_i16x8_s"),
  188: each("i32x4", "extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u"),
  192: each("i64x2", "abs neg - all_true bitmask - -"),
  199: each("i64x2", "extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u"),
  203: each("i64x2", "shl shr_s shr_u add - - sub - - - mul eq ne lt_s gt_s le_s ge_s"),
  220: each("i64x2", "extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u"),
  224: each("f32x4", "abs neg - sqrt add sub mul div min max pmin pmax"),
  236: each("f64x2", "abs neg - sqrt add sub mul div min max pmin pmax"),
  248: "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u",
  252: "i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u"
})

function each(type: string, names: string): string {
  return names
    .split(" ")
    .map(name => (name === "-" ? name : `${type}.${name}`))
    .join(" ")
}

function namesFrom(rows: Readonly<Record<number, string>>): readonly (string | undefined)[] {
  const names: (string | undefined)[] = []
  for (const [start, row] of Object.entries(rows))
    for (const [offset, name] of row.split(" ").entries()) if (name !== "-") names[Number(start) + offset] = name
  return names
}
