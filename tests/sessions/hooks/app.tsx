/** A page that does what the README says, with one of its auth libraries. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { examples } from "./examples.js";
import { useCloudAuth, useCloudReload } from "./hooks.js";
import { signIn } from "./providers.js";

/** The page has it already. */
declare const AssistantCloud: typeof import("assistant-cloud-edge").AssistantCloud;

function open(name: keyof typeof examples) {
  const { authToken, useExample } = examples[name];
  const cloud = new AssistantCloud({ baseUrl: location.origin, authToken });
  const reloads: (string | null)[] = [];
  const reload = () => void reloads.push(cloud.auth.state.userId);
  const Page = () => {
    useExample(cloud);
    useCloudReload(cloud, reload);
    const { status, userId } = useCloudAuth(cloud);
    return <output>{`${status} ${userId}`}</output>;
  };
  createRoot(document.body.appendChild(document.createElement("main"))).render(<StrictMode><Page /></StrictMode>);
  Object.assign(globalThis, { cloud, reloads, signIn });
}

Object.assign(globalThis, { open });
