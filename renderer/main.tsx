/** Starts the window: theme, address, engine, then the page. */
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app.tsx"
import { bridge, connectEngine } from "./engine.ts"
import { followAddress } from "./route.ts"
import { followStoreStatus } from "./store-status.ts"
import { followTheme } from "./theme.ts"
import "./theme.css"

followTheme()
followStoreStatus()
connectEngine()
followAddress()
bridge?.onPlace(place => {
  location.hash = place
})

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>
)
