/** Paths under which model servers are called. */

const MODEL_PATH =
  /(?:^|\/)(?:chat\/completions|completions|embeddings|responses|messages|rerank|images\/generations|audio\/(?:speech|transcriptions|translations)|api\/(?:generate|chat|embed|embeddings|tags|pull|push|delete|create|copy|show|ps)|v1\/models|tokenize|detokenize|pooling|score|mcp|sse|invoke|invoke-with-response-stream|converse|converse-stream)\/?$|:(?:stream)?generateContent$/i;

/** True for a path that calls, lists or manages models (or MCP), whatever prefix a gateway puts before it. */
export function isModelPath(path: string | undefined): boolean {
  return path !== undefined && MODEL_PATH.test(path);
}
