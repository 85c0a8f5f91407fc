package io.dropserver.cli.run;

import io.dropserver.base.linux.ServiceManager;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.logging.Logging;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.Json;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.server.FirstStart;
import io.dropserver.server.Server;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "run",
    description = "Follow a config repository and serve what it declares.",
    footer = {
      "",
      "Prints `serving <url>` once it serves, as a line of JSON if standard error is not a"
          + " terminal,",
      "like its log. SIGTERM drains and ends it. SIGHUP reads --config again; if it has changed,"
          + " the",
      "server restarts with it, within a second or two. If the new configuration cannot be served,",
      "the server continues with the previous one.",
      "",
      "Example: from a folder, and as the packaged service does",
      "  dropserver run --repo home --state home-state --listen 127.0.0.1:8080",
      "  dropserver run --config /etc/dropserver/dropserver.yaml --state /var/lib/dropserver"
    })
final class RunCommand implements Callable<Integer> {
  private final Context context;
  @Mixin HostOptions host = new HostOptions();
  @Mixin StateOption state = new StateOption();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      description =
          "Address to listen on, instead of the one in --config (default: 127.0.0.1:8080).")
  @Nullable String listen;

  @Option(
      names = "--new",
      description =
          "Begin a new server with an empty state folder, although backups or commits of an earlier"
              + " server exist.")
  boolean beginNew;

  RunCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Logging.ofServer();
    Logging.logUncaughtExceptions();
    Umask.makePrivate();
    MountNamespace.enterOwn();
    HostConfig wanted = config();
    Optional<HostConfig> before = Optional.empty();
    SignalQueue signalQueue = new SignalQueue();
    signalQueue.listenToSignals();
    while (true) {
      Serving serving = serve(wanted, before);
      try (Server server = serving.server()) {
        printServing(server.shellUrl());
        reportReady();
        wanted = next(serving.config(), signalQueue);
        if (wanted.equals(serving.config())) {
          return ExitCode.OK;
        }
        before = Optional.of(serving.config());
      }
    }
  }

  /** A log line on standard output, for readers that merge it with the log. */
  private record ServingLine(Instant time, String level, String message, String url) {}

  private void printServing(String url) {
    if (Logging.isJson()) {
      Json.printLine(
          context.terminal(),
          new ServingLine(context.clock().instant(), "INFO", "serving " + url, url));
    } else {
      context.terminal().out().println("serving " + url);
    }
  }

  /** Lets {@code systemctl start} return, if systemd started this process. */
  private void reportReady() {
    String socket =
        context.terminal().environment().getOrDefault(ServiceManager.SOCKET_VARIABLE, "");
    if (!socket.isEmpty()) {
      try {
        ServiceManager.reportReady(socket);
      } catch (IOException e) {
        LoggerFactory.getLogger(RunCommand.class).error("{}", e.getMessage());
      }
    }
  }

  private record Serving(Server server, HostConfig config) {}

  /**
   * Starts a server. If it cannot be started with a new configuration, starts it with the previous
   * one.
   */
  private Serving serve(HostConfig wanted, Optional<HostConfig> before) {
    Logging.use(wanted.log());
    try {
      FirstStart firstStart = new FirstStart(wanted, folder(wanted), context.clock());
      if (beginNew && before.isEmpty()) {
        firstStart.requireEmpty();
      } else {
        firstStart.requireNoEarlierServer();
      }
      return new Serving(Server.start(wanted, folder(wanted), ProgramHome.folder()), wanted);
    } catch (RuntimeException e) {
      HostConfig earlier = before.orElseThrow(() -> e);
      LoggerFactory.getLogger(RunCommand.class)
          .error(
              "the new configuration cannot be served ({}); continuing with the previous one:"
                  + " correct it, then send SIGHUP again",
              e.getMessage());
      Logging.use(earlier.log());
      return new Serving(Server.start(earlier, folder(earlier), ProgramHome.folder()), earlier);
    }
  }

  /**
   * Waits for a signal. Returns the same configuration if the process must end, and a different one
   * if the server must be restarted with it.
   */
  private HostConfig next(HostConfig current, SignalQueue signalQueue) {
    // A local variable and not a field, because a logger must not be created before logging is
    // configured.
    Logger log = LoggerFactory.getLogger(RunCommand.class);
    while (signalQueue.await() == SignalQueue.Kind.RELOAD) {
      try {
        HostConfig read = config();
        if (!read.equals(current)) {
          log.info("the configuration has changed; restarting with it");
          return read;
        }
        log.info("the configuration is unchanged");
      } catch (IOException | CommandException e) {
        log.error("continuing with the previous configuration: {}", e.getMessage());
      }
    }
    return current;
  }

  private HostConfig config() throws IOException {
    HostConfig config = host.config();
    return listen == null ? config : config.withListen(List.of(HostOptions.listener(listen)));
  }

  private StateFolder folder(HostConfig config) {
    return HostOptions.state(config, state, context.terminal().environment());
  }
}
