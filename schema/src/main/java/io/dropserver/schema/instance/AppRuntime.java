package io.dropserver.schema.instance;

/** How an app runs: it exports a handler, or starts its own HTTP server. */
public enum AppRuntime {
  FETCH,
  SERVE
}
