/** Stands in for `electron` in unit tests: in plain Node the real package would start a download, so importing it is a mistake that must be loud. */
throw new Error("electron was imported outside electron/main and electron/preload: only those two may, and no unit test loads them")

export {}
