import "../base.css";
import "../controls.css";
import "../page.css";
import "../panels.css";
import "./layout.css";
import "./threads.css";
import "./messages.css";
import "./composer.css";

import { createRoot } from "react-dom/client";
import { keepIdentity } from "../links.js";
import { Server, tokenEndpoint } from "../server.js";
import { App } from "./app.tsx";

const byId = (id: string) => document.getElementById(id) as HTMLElement;

keepIdentity();
const returned = new EventTarget();
const server = new Server(byId("server"), () => void returned.dispatchEvent(new Event("return")));
const [health, endpoint] = await Promise.all([server.check(), tokenEndpoint()]);

createRoot(byId("chat")).render(
  <App
    anonymous={(health?.credentials ?? ["anonymous"]).includes("anonymous")}
    endpoint={endpoint}
    unreachable={() => void server.check()}
    returned={returned}
  />,
);
