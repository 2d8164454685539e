/** What a page of the window may do, said once for both hosts that serve it (workbench page, section 2). */

/** The Content-Security-Policy of the window; `engineSocket` is the web host's own `ws:` origin. */
export function contentPolicy(engineSocket?: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${engineSocket === undefined ? "" : ` ${engineSocket}`}`,
    "worker-src 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'"
  ].join("; ")
}

/** Headers of every answer a host gives, whatever it is. */
export function pageHeaders(engineSocket?: string): Readonly<Record<string, string>> {
  return {
    "content-security-policy": contentPolicy(engineSocket),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin"
  }
}

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  json: "application/json",
  woff2: "font/woff2"
}

/** The media type of a file of the window by its name; unknown ones are bytes. */
export function contentTypeOf(name: string): string {
  return types[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream"
}
