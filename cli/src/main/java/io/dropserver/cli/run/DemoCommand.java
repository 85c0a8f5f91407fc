package io.dropserver.cli.run;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.logging.Logging;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceStatus;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.server.Server;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = "Serve an example instance, and print what to open and edit next.",
    footer = {
      "",
      "Creates a config repository, a working copy of it and a state folder. Another run in the"
          + " same",
      "folder continues where the last run ended. Ctrl-C ends it.",
      "",
      "Example:",
      "  dropserver demo",
      "  dropserver demo --dir /tmp/demo --port 9000"
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration REQUESTS_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  private final Context context;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "dropserver-demo",
      description = "Folder for all files of the demo (default: ${DEFAULT-VALUE}).")
  Path folder = Path.of("dropserver-demo");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description =
          "Port on 127.0.0.1 (default: ${DEFAULT-VALUE}, or a free port if it is in use).")
  int port = 8080;

  DemoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Logging.ofDemo();
    Umask.makePrivate();
    MountNamespace.enterOwn();
    DemoRepository repository = new DemoRepository(folder.toAbsolutePath().normalize());
    StateFolder state = new StateFolder(repository.state());
    refuseSecond(state);
    repository.seedFrom(ProgramHome.exampleInstance());
    int free = freePort();
    SignalQueue signalQueue = new SignalQueue();
    signalQueue.listenToSignals();
    try (Server server =
        Server.start(HostOptions.local(repository.remote(), free), state, ProgramHome.folder())) {
      context.terminal().err().println("installing the apps …");
      InstanceStatus status = await(server.view()::status, InstanceStatus::ready, INSTALL_TIMEOUT);
      // The apps' suggestions are written to branches shortly after the installation.
      List<ApprovalStatus> requests =
          await(
              server.view()::approvals,
              list -> list.stream().noneMatch(request -> request.state().equals("queued")),
              REQUESTS_TIMEOUT);
      new DemoGuide(context.terminal(), repository, free)
          .print(status, link(server), requests, server.layers());
      while (signalQueue.await() == SignalQueue.Kind.RELOAD) {
        // The demo has no configuration to reload.
      }
    }
    return ExitCode.OK;
  }

  /**
   * Refuses to start a second demo in the same folder. This check runs before the check of the
   * port, which a running demo occupies.
   */
  private void refuseSecond(StateFolder state) {
    try (StateFolder.Lock _ = state.lock()) {
      return;
    } catch (StateException taken) {
      if (taken.getCause() != null) {
        throw taken;
      }
      throw new CommandException(
          "the demo in " + folder + " is already running",
          "open it, stop it with Ctrl-C in its terminal, or start another demo with --dir",
          taken);
    }
  }

  /**
   * Repeats a query until its result is as wanted. After a timeout or an interrupt, returns the
   * latest result.
   */
  static <T> T await(Supplier<T> query, Predicate<T> wanted, Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    T result = query.get();
    try {
      while (!wanted.test(result) && System.nanoTime() < end) {
        Thread.sleep(POLL_INTERVAL);
        result = query.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  /** Creates a login link for the instance's first admin; empty if none is declared. */
  private static Optional<DemoGuide.Link> link(Server server) {
    return server.users().users().stream()
        .filter(user -> user.role().equals("admin"))
        .findFirst()
        .map(
            user ->
                new DemoGuide.Link(user.displayName(), server.users().enroll(user.name(), true)));
  }

  private int freePort() throws IOException {
    try (ServerSocket wanted = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return wanted.getLocalPort();
    } catch (IOException taken) {
      context.terminal().err().println("port " + port + " is in use; using a free port");
      try (ServerSocket any = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
        return any.getLocalPort();
      }
    }
  }
}
