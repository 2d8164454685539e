import { expect, it } from "vitest"
import { createJobs } from "../../electron/engine/jobs.ts"

it("shows work from its first word of progress until it ends, and passes the word on", () => {
  const jobs = createJobs(() => 7)
  const told: unknown[] = []
  const { context, ended } = jobs.watch("exportBundle", { onProgress: progress => told.push(progress) })
  expect(jobs.list()).toEqual([])
  context.onProgress?.({ step: "blobs", done: 1, total: 3 })
  context.onProgress?.({ step: "blobs", done: 2, total: 3 })
  expect(jobs.list()).toEqual([{ id: 1, verb: "exportBundle", sinceMs: 7, step: "blobs", done: 2, total: 3 }])
  expect(told).toHaveLength(2)
  ended()
  expect(jobs.list()).toEqual([])
})

it("keeps calls apart, also of one verb", () => {
  const jobs = createJobs(() => 0)
  const calls = [jobs.watch("audit", {}), jobs.watch("audit", {})]
  for (const { context } of calls) context.onProgress?.({ step: "s", done: 0, total: null })
  expect(jobs.list().map(({ id }) => id)).toEqual([1, 2])
  calls[0]!.ended()
  expect(jobs.list().map(({ id }) => id)).toEqual([2])
})
