/** Scores. */
import type { CallOptions } from "./auth.js";
import type { AssistantCloudThreads } from "./threads.js";
import type { OfficialScores } from "./nominal.js";

/** A score. Its target is a thread, one of its messages (both ids), or a run. */
export interface AssistantCloudScoreBody {
  /** 1 to 64 characters: letters, digits, `_`, `.` and `-`. One score for each target, name and author. */
  name: string;
  data_type: "numeric" | "categorical" | "boolean";
  /** For a numeric or boolean score. */
  value?: number | boolean | undefined;
  /** For a categorical one: 1 to 255 characters. */
  string_value?: string | undefined;
  /** 1 to 2000 characters. */
  comment?: string | undefined;
  thread_id?: string | undefined;
  message_id?: string | undefined;
  run_id?: string | undefined;
}

/** The score as it is stored. */
export interface AssistantCloudScoreResponse {
  score_id: string;
  name: string;
  data_type: "numeric" | "categorical" | "boolean";
  /** A boolean score is 1 or 0. */
  value: number | null;
  string_value: string | null;
}

/** Scores. The method rejects like those of {@link AssistantCloudThreads}. */
export interface AssistantCloudScores extends OfficialScores {
  /** Stores a score, in place of the author's last one. */
  create(body: AssistantCloudScoreBody, options?: CallOptions): Promise<AssistantCloudScoreResponse>;
}

/** The class of `cloud.scores`; the client makes its instance. */
export const AssistantCloudScores: abstract new (...args: never) => AssistantCloudScores;
