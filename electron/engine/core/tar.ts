/** Plain tar, as much of it as a Bundle needs: headers written with nothing but name and size, headers read with everything else refused. */
import { equalBytes } from "./digest.ts"
import { utf8Decode, utf8Encode } from "./utf8.ts"

export const tarBlockBytes = 512
/** Bytes of a name: what fits a header without its extensions. Limit of the trust page: 255. */
const nameBytesMax = 100
export const pathBytesMax = 255

export interface TarEntry {
  readonly kind: "file" | "directory"
  /** Without a trailing slash. */
  readonly name: string
  readonly size: number
}

/** What a block of 512 bytes turns out to be. `end`: a block of zeros. */
export type TarHeader =
  | { readonly kind: "entry"; readonly entry: TarEntry }
  | { readonly kind: "end" }
  | { readonly kind: "refused"; readonly reason: string }

/** The header of an entry: no owner, no time, equal bytes for equal input. Throws a RangeError for a name or size that does not fit. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const name = utf8Encode(entry.kind === "directory" ? `${entry.name}/` : entry.name)
  if (name.length > nameBytesMax) throw new RangeError(`expected a name of at most ${nameBytesMax} bytes, found ${name.length}`)
  if (!Number.isSafeInteger(entry.size) || entry.size < 0 || entry.size > 0o77777777777)
    throw new RangeError(`no size of a tar entry: ${entry.size}`)
  const header = new Uint8Array(tarBlockBytes)
  const put = (text: string, at: number) => header.set(utf8Encode(text), at)
  header.set(name, 0)
  put(entry.kind === "directory" ? "0000755\0" : "0000644\0", 100)
  put("0000000\0", 108)
  put("0000000\0", 116)
  put(`${entry.size.toString(8).padStart(11, "0")}\0`, 124)
  put("00000000000\0", 136)
  put("        ", 148)
  put(entry.kind === "directory" ? "5" : "0", 156)
  put("ustar\x0000", 257)
  put(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, 148)
  return header
}

/** Zero bytes that follow content of this size. */
export function tarPadding(size: number): number {
  return (tarBlockBytes - (size % tarBlockBytes)) % tarBlockBytes
}

/** The two blocks of zeros that end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * tarBlockBytes)

const zeros = new Uint8Array(tarBlockBytes)
/** What the other type flags mean, for the refusal. */
const typeWords: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "6": "a FIFO",
  "7": "a contiguous file",
  S: "a sparse file",
  L: "a GNU long name",
  K: "a GNU long link",
  x: "a pax extension",
  g: "a global pax extension",
  X: "a pax extension",
  M: "a continued file",
  D: "a GNU directory listing",
  V: "a volume label"
}

/** Reads one header block. Only regular files and directories with a plain relative path are accepted. */
export function readTarHeader(block: Uint8Array): TarHeader {
  const refused = (reason: string): TarHeader => ({ kind: "refused", reason })
  if (block.length !== tarBlockBytes)
    return refused(`expected a header of ${tarBlockBytes} bytes, found ${block.length}: the archive is cut short`)
  if (equalBytes(block, zeros)) return { kind: "end" }
  const sum = octal(block.subarray(148, 156))
  if (sum === null || sum !== checksumOf(block))
    return refused("a header's checksum does not hold: this is no tar archive, or it is damaged")
  const flag = String.fromCharCode(block[156] as number)
  const name = nameIn(block)
  if (name === null) return refused("a name in the archive is no UTF-8")
  if (flag !== "0" && flag !== "\0" && flag !== "5")
    return refused(
      `${JSON.stringify(name)} is ${typeWords[flag] ?? `of the type ${JSON.stringify(flag)}`}; expected regular files and directories only`
    )
  const size = octal(block.subarray(124, 136))
  if (size === null) return refused(`the size of ${JSON.stringify(name)} is no octal number`)
  const directory = flag === "5"
  const bare = directory ? name.replace(/\/$/, "") : name
  // archivers that are asked to pack "." begin with it
  const path = bare === "." ? bare : bare.replace(/^\.\//, "")
  if (directory && path === ".")
    return size === 0 ? { kind: "entry", entry: { kind: "directory", name: ".", size } } : refused("a directory has a size")
  const fault = pathFault(path)
  if (fault !== null) return refused(fault)
  if (directory && size !== 0) return refused(`the directory ${JSON.stringify(path)} has a size`)
  return { kind: "entry", entry: { kind: directory ? "directory" : "file", name: path, size } }
}

/** Why a path is not taken, or null. */
export function pathFault(path: string): string | null {
  const shown = JSON.stringify(path.length > 300 ? `${path.slice(0, 300)}…` : path)
  const bytes = utf8Encode(path).length
  if (path === "") return "an entry has no name"
  if (bytes > pathBytesMax) return `expected a path of at most ${pathBytesMax} bytes, found ${bytes}: ${shown}`
  if (path.includes("\0")) return `the path ${shown} holds a NUL`
  if (path.includes("\\")) return `the path ${shown} holds a backslash`
  if (path.startsWith("/")) return `the path ${shown} is absolute`
  if (/^[A-Za-z]:/.test(path)) return `the path ${shown} begins with a drive letter`
  const steps = path.split("/")
  if (steps.includes("..")) return `the path ${shown} climbs with ".."`
  if (steps.some(step => step === "" || step === ".")) return `the path ${shown} has an empty step`
  return null
}

/** Under which two names are one file somewhere: NFC, then case folded. */
export function foldedPath(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC")
}

function nameIn(block: Uint8Array): string | null {
  const name = field(block.subarray(0, 100))
  const isUstar = String.fromCharCode(...block.subarray(257, 262)) === "ustar"
  const prefix = isUstar ? field(block.subarray(345, 500)) : new Uint8Array()
  const nameText = utf8Decode(name)
  const prefixText = utf8Decode(prefix)
  if (nameText === null || prefixText === null) return null
  return prefixText === "" ? nameText : `${prefixText}/${nameText}`
}

/** Up to the NUL that ends it; what follows must be zeros, else the NUL is part of the name and refused as such. */
function field(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  if (end < 0) return bytes
  return bytes.subarray(end).every(byte => byte === 0) ? bytes.subarray(0, end) : bytes
}

/** An octal number, ended by NUL or space; base 256 is refused, nothing here is that large. */
function octal(bytes: Uint8Array): number | null {
  const text = /^ *([0-7]{1,11})[\0 ]*$/.exec(String.fromCharCode(...bytes))
  return text ? Number.parseInt(text[1] as string, 8) : null
}

function checksumOf(header: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < tarBlockBytes; at++) sum += at >= 148 && at < 156 ? 32 : (header[at] as number)
  return sum
}

const magics: readonly (readonly [readonly number[], string, string])[] = [
  [[0x1f, 0x8b], "gzip", "gunzip FILE"],
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd", "zstd -d FILE"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz", "xz -d FILE"],
  [[0x42, 0x5a, 0x68], "bzip2", "bunzip2 FILE"],
  [[0x50, 0x4b, 0x03, 0x04], "zip", "unzip FILE"]
]

/** Why compressed bytes are not read, with the way out; null where they are not compressed. */
export function compressionFault(bytes: Uint8Array): string | null {
  const found = magics.find(([magic]) => magic.every((byte, at) => bytes[at] === byte))
  return found ? `it is compressed with ${found[1]}, and compressed input is not read: unpack it first (${found[2]})` : null
}
