package io.dropserver.schema.instance;

/** How an app is run: it exports a handler, or serves by itself. */
public enum AppRuntime {
  FETCH,
  SERVE
}
