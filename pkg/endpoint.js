// @ts-check
/** The numbers by which the wire contract's routes are asked for (`Endpoint` in src/route.rs). */

export const CREATE_TOKEN = 3;
export const CREATE_ANONYMOUS_TOKEN = 4;
export const REFRESH_TOKEN = 5;
export const LIST_THREADS = 6;
export const CREATE_THREAD = 7;
export const GET_THREAD = 8;
export const UPDATE_THREAD = 9;
export const DELETE_THREAD = 10;
