// @ts-check
import { testSessions } from "./authjs-sessions.mjs";

testSessions("jwt");
