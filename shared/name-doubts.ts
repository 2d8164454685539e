/** What makes a name look like another: identity is always the KeyId, but people read names. */

/** Scripts whose letters are taken for those of another; one name is written in one of them. */
const scripts = ["Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Hebrew", "Arabic", "Han", "Hangul"] as const
const ofScript = scripts.map(name => ({ name, letter: new RegExp(`\\p{Script=${name}}`, "u") }))

/** Letters that look like ASCII ones and are not: a name made of nothing else still reads as another. */
const lookAlikes =
  /^[\u0391-\u03a9\u03bf\u03c1\u03bd\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\s\d._-]+$/u

/** Zero-width characters, soft hyphens, fillers and variation selectors. */
const unseen =
  /\u00ad|\u034f|[\u115f\u1160\u17b4\u17b5]|\u180e|[\u200b-\u200c]|\u200d|[\u2060-\u2064\u3164]|[\ufe00-\ufe0f]|[\ufeff\uffa0]/u

/** Why a name is not to be trusted by its looks, in words; empty where nothing is odd. */
export function nameDoubts(name: string): string[] {
  const doubts: string[] = []
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(name)) doubts.push("it holds marks that turn the direction of writing")
  if (unseen.test(name)) doubts.push("it holds characters that cannot be seen")
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) doubts.push("it holds control characters")
  const found = ofScript.filter(({ letter }) => letter.test(name)).map(({ name }) => name)
  if (found.length > 1) doubts.push(`it mixes letters of ${found.join(" and ")}`)
  else if (found.length === 1 && found[0] !== "Latin" && lookAlikes.test(name)) doubts.push(`its ${found[0]} letters look like Latin ones`)
  if (name !== name.normalize("NFKC")) doubts.push("it holds characters that stand for others")
  return doubts
}
