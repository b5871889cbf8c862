// @ts-check
import { keepIdentity } from "./links.js";
import { Room } from "./room.js";
import { Server, tokenEndpoint } from "./server.js";
import { Ways } from "./ways.js";

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const place = byId("room");
/** @type {Room | null} */
let room = null;

const server = new Server(byId("server"), () => room?.retry());
const ways = new Ways(/** @type {HTMLFormElement} */ (byId("ways")), (choice) => {
  room?.close();
  place.replaceChildren();
  room = choice && new Room(place, choice, () => void server.check());
});

keepIdentity();
const [health, endpoint] = await Promise.all([server.check(), tokenEndpoint()]);
const credentials = health?.credentials ?? ["anonymous"];
ways.open({
  anonymous: credentials.includes("anonymous"),
  endpoint,
  provider: credentials.includes("provider_token"),
});
