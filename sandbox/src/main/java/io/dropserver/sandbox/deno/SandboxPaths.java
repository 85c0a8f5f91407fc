package io.dropserver.sandbox.deno;

import io.dropserver.schema.instance.DropappManifest.WorkingFolder;

/** Paths inside a sandbox. The TypeScript in {@code src/main/deno} repeats these paths. */
public final class SandboxPaths {
  public static final String APP = "/app";
  public static final String DATA = "/data";
  public static final String TEMPORARY = "/tmp";
  public static final String DENO = "/dropserver/deno";
  public static final String DENO_CONFIG = "/dropserver/deno.json";
  public static final String RUNTIME = "/dropserver/runtime";
  public static final String CACHE = "/dropserver/cache";

  /** The folder of {@code localStorage}, inside the cache. */
  public static final String LOCATION_DATA = CACHE + "/location_data";

  /**
   * Deno's own files of the appspace, such as its KV database: the folder {@link #OWN_FILES} of the
   * data folder.
   */
  public static final String STORE = "/dropserver/store";

  /** The name of the folder for Deno's own files in the data folder. */
  public static final String OWN_FILES = ".dropserver";

  /**
   * Where that folder would appear inside. An empty folder covers it, so that an app that serves or
   * copies its whole data folder does not publish Deno's files.
   */
  public static final String COVERED = DATA + "/" + OWN_FILES;

  public static final String KV_DATABASE = STORE + "/kv.sqlite3";

  /** The folder of the host's sockets. The sandbox cannot change it. */
  public static final String HOST_SOCKETS = "/run/dropserver";

  public static final String EGRESS_NAME = "egress.sock";

  /** The socket of the egress gateway, which is the only network access of a sandbox. */
  public static final String EGRESS_SOCKET = HOST_SOCKETS + "/" + EGRESS_NAME;

  /** The folder in which the app creates its socket. */
  public static final String OWN_SOCKETS = "/run/app";

  public static final String APP_SOCKET_NAME = "app.sock";
  public static final String APP_SOCKET = OWN_SOCKETS + "/" + APP_SOCKET_NAME;

  /** The folder in which the relay to the inspector creates its socket, in {@code app dev} only. */
  public static final String INSPECTOR_SOCKETS = "/run/inspector";

  private SandboxPaths() {}

  public static String of(WorkingFolder workingFolder) {
    return switch (workingFolder) {
      case APP -> APP;
      case DATA -> DATA;
    };
  }
}
