/** The window's own small set of line icons, so that nothing is fetched and everything shares one weight. */

const paths = {
  explore: "M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 3.5 3.5",
  module: "M8 1.5 14 4.75v6.5L8 14.5l-6-3.25v-6.5L8 1.5ZM2.25 4.9 8 8m0 0 5.75-3.1M8 8v6.25",
  run: "M4.5 2.75v10.5L13 8 4.5 2.75Z",
  author: "M2.5 13.5h3l8-8-3-3-8 8v3Zm6.25-9.25 3 3",
  review: "M5.5 3h-2v11h9V3h-2m-5-1h5v2.5h-5V2Zm.25 7.25 1.75 1.75 3-3.5",
  bundles: "M2 5.5v8h12v-8M1.5 2.5h13v3h-13v-3ZM6 8.5h4",
  ledger: "M4 2.5h8.5v11H4a1.5 1.5 0 0 1 0-3h8.5M4 2.5A1.5 1.5 0 0 0 2.5 4v8M6 5.5h4",
  dashboard: "M2.5 13.5h11M4 13.5v-4m4 4v-10m4 10v-6.5",
  keys: "M10.25 9.5a3.75 3.75 0 1 0-3.6-2.7L2 11.5V14h2.5v-1.5H6V11h1.5l1.25-1.8a3.7 3.7 0 0 0 1.5.3Zm.75-4.25v.01",
  lock: "M4 7.5h8v6H4v-6Zm1.5 0V5a2.5 2.5 0 0 1 5 0v2.5",
  out: "M8 10V2.5m0 0L5 5.5m3-3 3 3M2.5 10v3.5h11V10",
  in: "M8 2.5V10m0 0L5 7m3 3 3-3M2.5 10v3.5h11V10",
  command: "M3 4.5h10M3 8h6.5M3 11.5h8.5",
  settings: "M2 4.5h7m3 0h2M2 11.5h2m3 0h7M10.5 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm-5 7a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z",
  copy: "M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8v-8Z",
  check: "m3 8.5 3.25 3.25L13 4.75",
  cross: "m4 4 8 8m0-8-8 8",
  plus: "M8 3.5v9M3.5 8h9",
  chevron: "m4.5 6.25 3.5 3.5 3.5-3.5",
  right: "m6.25 4.5 3.5 3.5-3.5 3.5",
  clock: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12Zm0-9.25V8l2.25 1.5",
  warning: "M8 2.25 14.5 13.5h-13L8 2.25ZM8 6.5v3.25m0 1.6v.4",
  trusted: "M8 1.5 13.5 3.5v4c0 3.25-2.25 5.75-5.5 7-3.25-1.25-5.5-3.75-5.5-7v-4L8 1.5Zm-2.5 6.25L7.25 9.5l3.25-3.5",
  pending: "M4 2h8M4 14h8M4.75 2v2.5L8 8l3.25-3.5V2m-6.5 12v-2.5L8 8l3.25 3.5V14",
  untrusted: "M8 14.25a6.25 6.25 0 1 0 0-12.5 6.25 6.25 0 0 0 0 12.5ZM3.6 3.6l8.8 8.8",
  dash: "M4 8h8",
  link: "M6.5 9.5a2.75 2.75 0 0 0 4 .1l2.25-2.25a2.83 2.83 0 0 0-4-4L7.5 4.6M9.5 6.5a2.75 2.75 0 0 0-4-.1L3.25 8.65a2.83 2.83 0 0 0 4 4L8.5 11.4",
  key: "M10.25 9.5a3.75 3.75 0 1 0-3.6-2.7L2 11.5V14h2.5v-1.5H6V11h1.5l1.25-1.8a3.7 3.7 0 0 0 1.5.3Zm.75-4.25v.01",
  store:
    "M2.5 4c0-1.25 2.5-2.25 5.5-2.25S13.5 2.75 13.5 4 11 6.25 8 6.25 2.5 5.25 2.5 4Zm0 0v8c0 1.25 2.5 2.25 5.5 2.25s5.5-1 5.5-2.25V4m-11 4c0 1.25 2.5 2.25 5.5 2.25s5.5-1 5.5-2.25",
  root: "M8 14.5v-5m0 0L4.5 12M8 9.5l3.5 2.5M8 9.5v-8m0 3.5 3-2M8 5 5 3",
  back: "M9.75 3.5 5.25 8l4.5 4.5"
} as const

export type IconName = keyof typeof paths

/** Decoration: the word beside it carries the meaning. */
export function Icon({ name, className = "" }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      viewBox="0 0 16 16"
      className={`size-4 shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.35"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  )
}
