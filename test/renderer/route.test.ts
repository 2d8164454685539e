import { describe, expect, test, vi } from "vitest"
import { visibleLine, visibleText } from "../../renderer/ui/visible-text.ts"
import { placeOfLink } from "../../shared/bridge.ts"

vi.stubGlobal("location", { hash: "" })
const { linkOf, parseRoute } = await import("../../renderer/route.ts")
const digest = `sha256:${"ab".repeat(32)}`

describe("links", () => {
  test.each([
    "#/explore",
    "#/explore?words=sum+of+a&type=%28int%29+-%3E+int&verdict=pending",
    `#/module/${digest}`,
    `#/module/${digest}?mapping=${digest}&tab=attestations&attestation=${digest}`,
    `#/run/${digest}?mapping=${digest}&args=%5B1%5D`,
    "#/run"
  ])("%s leads to the place it came from", link => {
    expect(linkOf(parseRoute(link))).toBe(link)
  })

  test.each(["", "#", "#/nowhere", "#/module/../..", "#/module/<script>", "#/explore?verdict=admin"])(
    "%j opens a place that exists",
    link => {
      expect(["#/explore", "#/module"]).toContain(linkOf(parseRoute(link)))
    }
  )
})

describe("links from outside", () => {
  test.each([
    [`l4://module/${digest}?mapping=${digest}`, `/module/${digest}?mapping=${digest}`],
    ["l4://explore?words=sum", "/explore?words=sum"],
    [`l4://run/${digest}`, `/run/${digest}`],
    ["l4://publish/now", null],
    ["l4://explore/../../etc", null],
    ["https://explore", null],
    [`l4://explore?words=${"a".repeat(3_000)}`, null],
    ["l4://module/<img>", null]
  ])("%s is the place %s", (link, place) => {
    expect(placeOfLink(link)).toBe(place)
  })
})

describe("text from elsewhere", () => {
  test.each([
    ["plain ünïcode 漢字", "plain ünïcode 漢字"],
    ["a\u202egnp.exe", "a\\u{202e}gnp.exe"],
    ["zero\u200bwidth", "zero\\u{200b}width"],
    ["bell\u0007", "bell\\u{7}"],
    ["lone \ud800 half", "lone \\u{d800} half"],
    ["tag \u{e0041}", "tag \\u{e0041}"]
  ])("%j is shown as %s", (text, shown) => {
    expect(visibleText(text)).toBe(shown)
  })

  test("lines stay lines in a text and become escapes in a line", () => {
    expect(visibleText("a\n\tb")).toBe("a\n\tb")
    expect(visibleLine("a\n\tb")).toBe("a\\n\\tb")
  })
})
