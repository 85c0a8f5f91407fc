package io.dropserver.sandbox.deno;

/** Where things lie inside a sandbox. The TypeScript of {@code src/main/deno} knows them too. */
public final class SandboxPaths {
  public static final String APP = "/app";
  public static final String DATA = "/data";
  public static final String TEMPORARY = "/tmp";
  public static final String DENO = "/dropserver/deno";
  public static final String DENO_CONFIG = "/dropserver/deno.json";
  public static final String RUNTIME = "/dropserver/runtime";
  public static final String CACHE = "/dropserver/cache";

  /** Inside the cache; {@code localStorage} lives there. */
  public static final String LOCATION_DATA = CACHE + "/location_data";

  /** Sockets of the host, in a folder that the sandbox cannot change. */
  public static final String HOST_SOCKETS = "/run/dropserver";

  public static final String BROKER_NAME = "broker.sock";
  public static final String BROKER_SOCKET = HOST_SOCKETS + "/" + BROKER_NAME;
  public static final String SERVICES_NAME = "services.sock";
  public static final String SERVICES_SOCKET = HOST_SOCKETS + "/" + SERVICES_NAME;

  public static final String EGRESS_NAME = "egress.sock";

  /** The only way out. */
  public static final String EGRESS_SOCKET = HOST_SOCKETS + "/" + EGRESS_NAME;

  /** The folder that the sandbox's own socket lies in. */
  public static final String OWN_SOCKETS = "/run/app";

  public static final String APP_SOCKET_NAME = "app.sock";
  public static final String APP_SOCKET = OWN_SOCKETS + "/" + APP_SOCKET_NAME;

  private SandboxPaths() {}
}
