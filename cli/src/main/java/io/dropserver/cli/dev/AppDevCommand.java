package io.dropserver.cli.dev;

import io.dropserver.cli.app.AppFolder;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.JvmSignals;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.inspector.InspectorServer;
import io.dropserver.sandbox.inspector.InspectorTarget;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.server.Development;
import io.dropserver.server.Server;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an app from its folder while its author changes it. */
@Command(
    name = "dev",
    description = {
      "Serve an app on this machine while you write it.",
      "Starts a real server for one appspace: the sandbox, headers, frame and log-in of an"
          + " instance. Each save is served at once. Prints links that log a browser in, the app's"
          + " log, and its requests to reach destinations."
    },
    footer = {
      "",
      "Keys: o, m and r print a login link for the owner, for a member with all permissions, and",
      "for a reader without permissions; a allows the oldest request and adds it to dropapp.json;",
      "q ends. The data is deleted at the end. Only this machine can connect.",
      "",
      "With --inspect, the command prints an address for a debugger, such as Chrome's. A debugger",
      "can run any code in the app, and sandboxes may create TCP sockets that only they reach.",
      "",
      "Example:",
      "  dropserver app dev notes"
    })
public final class AppDevCommand implements Callable<Integer> {
  private static final int MAX_NAME = 63;

  /** The page of Chrome's debugger for programs without a browser. */
  private static final String DEVTOOLS =
      "devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=";

  private final Context context;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The app's folder (default: the current folder).")
  Path folder = Path.of(".");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port on 127.0.0.1 (default: a free port).")
  int port;

  @Option(names = "--public", description = "Visitors may enter without logging in.")
  boolean open;

  @Option(names = "--inspect", description = "Let a debugger on this machine attach to the app.")
  boolean inspect;

  @Option(
      names = "--inspect-brk",
      description = "Like --inspect; the app waits for a debugger before its first statement.")
  boolean inspectAtStart;

  public AppDevCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Umask.makePrivate();
    MountNamespace.enterOwn();
    Path app = folder.toRealPath();
    AppFolder first = AppFolder.read(app);
    first.inferred().forEach(context::print);
    Path temporary = Files.createTempDirectory("dropserver-dev");
    try {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
      DevRepository repository = new DevRepository(temporary, name(app), open, isInspected());
      FolderTree tree = DevSession.list(app);
      repository.create();
      repository.publish(tree, first);
      serve(repository, tree, first.inferred());
    } finally {
      AtomicFiles.deleteTree(temporary);
    }
    return ExitCode.OK;
  }

  private void serve(DevRepository repository, FolderTree tree, List<String> inferred)
      throws IOException {
    LinkedBlockingQueue<Character> keys = new LinkedBlockingQueue<>();
    JvmSignals.on("TERM", () -> keys.add(DevSession.QUIT));
    JvmSignals.on("INT", () -> keys.add(DevSession.QUIT));
    StateFolder state = new StateFolder(repository.folder().resolve("state"));
    int free = freePort();
    Optional<InspectorTarget> inspector =
        isInspected() ? Optional.of(new InspectorTarget(inspectAtStart)) : Optional.empty();
    Development development = new Development(open, inspector);
    try (Server server =
            Server.start(
                config(repository, free), state, ProgramHome.folder(), Optional.of(development));
        TerminalKeys _ = new TerminalKeys(System.in, keys)) {
      context.print(
          "serving http://%s.%s:%d".formatted(repository.name(), DevRepository.DOMAIN, free));
      context.print("keys: o, m and r print login links; a allows the oldest request; q ends");
      DevSession session =
          new DevSession(context.terminal(), server, development, repository, tree, inferred, keys);
      if (inspector.isPresent()) {
        runInspected(session, inspector.get());
      } else {
        session.run();
      }
    }
  }

  private boolean isInspected() {
    return inspect || inspectAtStart;
  }

  private void runInspected(DevSession session, InspectorTarget target) throws IOException {
    try (InspectorServer debuggers = InspectorServer.start(target)) {
      String address = debuggers.address();
      context.print("debugger: ws://" + address);
      context.print("in Chrome: " + DEVTOOLS + address);
      session.run();
    }
  }

  /**
   * The data is deleted at the end, so the password of its backups needs no copy on another
   * machine.
   */
  private static HostConfig config(DevRepository repository, int port) throws IOException {
    Path password = repository.folder().resolve("backup-password");
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    AtomicFiles.write(
        password, HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII));
    return HostOptions.local(repository.remote(), port)
        .withBackup(
            new BackupSettings(
                Optional.empty(),
                Optional.of(password),
                Optional.empty(),
                BackupSettings.DEFAULT.repositories()));
  }

  /** Returns a DNS label like the folder's name. */
  private static String name(Path app) {
    String folder = String.valueOf(app.getFileName()).toLowerCase(Locale.ROOT);
    String label = folder.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String cut = label.substring(0, Math.min(label.length(), MAX_NAME)).replaceAll("-$", "");
    return cut.isEmpty() ? "app" : cut;
  }

  private int freePort() throws IOException {
    try (ServerSocket wanted = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return wanted.getLocalPort();
    } catch (IOException taken) {
      throw new CommandException(
          "port " + port + " on 127.0.0.1 cannot be used: " + taken.getMessage(),
          "choose another --port, or leave it out",
          taken);
    }
  }
}
