/**
 * What makes our classes the official package's own to the compiler. That one's classes have private members, by which
 * the compiler tells them from any other class. Our types extend them, so that our client goes wherever an app beside
 * the official package asks for that one's.
 */
import type * as official from "assistant-cloud-official" with { "resolution-mode": "import" };

type Official = official.AssistantCloud;
export type OfficialThreads = Official["threads"];
export type OfficialThreadMessages = Official["threads"]["messages"];
export type OfficialProjects = Official["projects"];
export type OfficialProjectThreads = Official["projects"]["threads"];
export type OfficialProjectThreadMessages = Official["projects"]["threads"]["messages"];
export type OfficialAuthTokens = Official["auth"]["tokens"];
export type OfficialRuns = Official["runs"];
export type OfficialFiles = Official["files"];
export type OfficialEvents = Official["events"];
export type OfficialScores = Official["scores"];

/** What there is to implement of a type: all but its private members. */
export type Implementation<Type> = unknown extends Type
  ? Type
  : Type extends (...args: never) => unknown
    ? Type
    : { [Name in keyof Type]: Implementation<Type[Name]> };
