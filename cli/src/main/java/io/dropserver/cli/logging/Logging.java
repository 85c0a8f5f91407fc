package io.dropserver.cli.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.schema.host.LogSettings;
import io.dropserver.server.Server;
import org.slf4j.LoggerFactory;

/**
 * Configures logging to standard error: as text or, for a server without a terminal, as JSON lines.
 * Logback loads this class as a service. Short-lived commands log only warnings; the server also
 * logs its activity.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String SERVER_PROPERTY = "dropserver.log.server";

  /** Set by the start script if standard error is a terminal. */
  private static final String TERMINAL_PROPERTY = "dropserver.terminal.err";

  private static final AccessLogFilter ACCESS_LOG_FILTER = new AccessLogFilter();

  /** Called by the service loader. */
  public Logging() {}

  /** Enables the server's log level. Must be called before the first use of a logger. */
  public static void ofServer() {
    System.setProperty(SERVER_PROPERTY, "true");
  }

  /**
   * Like {@link #ofServer}, but logs always as text, because a user reads the demo's log even
   * through a pipe.
   */
  public static void ofDemo() {
    ofServer();
    System.setProperty(TERMINAL_PROPERTY, "true");
  }

  /** Applies the settings of the host configuration, before or after the first request. */
  public static void use(LogSettings settings) {
    ACCESS_LOG_FILTER.use(settings.access());
    boolean off = settings.access() == LogSettings.AccessLog.OFF;
    if (LoggerFactory.getLogger(Server.ACCESS_LOG) instanceof Logger requests) {
      // A level spares the front door the work for lines that are not written.
      requests.setLevel(off ? Level.OFF : Level.INFO);
    }
  }

  /** Returns whether this process logs as JSON lines. */
  public static boolean isJson() {
    return Boolean.getBoolean(SERVER_PROPERTY) && !Boolean.getBoolean(TERMINAL_PROPERTY);
  }

  /** Logs exceptions that no code catches, instead of the JVM's plain text. */
  public static void logUncaughtExceptions() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) ->
            LoggerFactory.getLogger(Logging.class)
                .error("an unexpected exception ended the thread {}", thread.getName(), e));
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean server = Boolean.getBoolean(SERVER_PROPERTY);
    boolean lines = isJson();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder(context, lines));
    appender.start();
    context.getLogger("ROOT").addAppender(appender);
    context.addTurboFilter(new LogRateLimit());
    if (server) {
      requestsInTheBackground(context, encoder(context, lines));
    }
    context.getLogger("ROOT").setLevel(Level.WARN);
    context.getLogger("io.dropserver").setLevel(server ? Level.INFO : Level.WARN);
    // The ssh client logs each failure with the names of its classes; the caller reports it.
    context.getLogger("org.apache.sshd").setLevel(Level.ERROR);
    context.getLogger("org.eclipse.jgit.internal.transport.sshd").setLevel(Level.ERROR);
    // JGit measures the resolution of a file system's times by writing to it. On a read-only one,
    // it logs a stack trace each time and assumes a coarse resolution, which is correct.
    context.getLogger("org.eclipse.jgit.util.FS").setLevel(Level.OFF);
    // JGit tries a damaged pack thousands of times, and logs a stack trace each time. The caller
    // reports the damage.
    context.getLogger("org.eclipse.jgit.internal.storage.file.PackDirectory").setLevel(Level.OFF);
    // This logger warns about each keyword that our schemas add for their own error messages.
    context.getLogger("com.networknt").setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Writes the access log in the background, so that requests do not wait for it. */
  private static void requestsInTheBackground(
      LoggerContext context, Encoder<ILoggingEvent> encoder) {
    BackgroundAppender queue = new BackgroundAppender(encoder, System.err);
    queue.setContext(context);
    queue.setName("requests");
    queue.addFilter(ACCESS_LOG_FILTER);
    queue.start();
    Logger requests = context.getLogger(Server.ACCESS_LOG);
    requests.setAdditive(false);
    requests.addAppender(queue);
    Runtime.getRuntime().addShutdownHook(new Thread(queue::stop, "last requests"));
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, boolean json) {
    Encoder<ILoggingEvent> encoder = json ? new JsonLineEncoder() : text();
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  /**
   * Returns an encoder for text. It replaces line breaks and escape sequences, so that a message
   * cannot forge another line.
   */
  private static Encoder<ILoggingEvent> text() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern(
        "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %logger{0}:"
            + " %replace(%replace(%msg %kvp){' $', ''}){'"
            + UnsafeCharacters.LINE_PATTERN
            + "', ' '}%n%ex");
    return encoder;
  }
}
