package io.dropserver.web.site;

import io.dropserver.schema.instance.Appspace.Access;
import io.dropserver.schema.instance.EgressWhitelist.Browser;
import java.time.Duration;
import java.util.List;

/**
 * What the front door knows of one appspace.
 *
 * @param host full host name, lower case, without a port
 * @param browser what its pages may do beyond the strict default
 * @param requestTimeout until the response's first byte
 */
public record Site(
    String appspace,
    String host,
    Access access,
    List<String> publicPaths,
    Browser browser,
    Duration requestTimeout,
    State state) {

  /** Whether requests may pass. */
  public sealed interface State {}

  public record Serving() implements State {}

  /** Declared, and its app is still being installed. */
  public record Preparing() implements State {}

  public record Paused() implements State {}

  /** Cannot be served; the message is for its owner. */
  public record Failed(String reason, String message) implements State {}
}
