package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.server.Server;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
      "Example:",
      "  dropserver app dev notes"
    })
final class AppDevCommand implements Callable<Integer> {
  private static final int MAX_NAME = 63;

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

  AppDevCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Umask.makePrivate();
    MountNamespace.enterOwn();
    Path app = folder.toRealPath();
    AppFolder first = AppFolder.read(app);
    Path temporary = Files.createTempDirectory("dropserver-dev");
    try {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
      DevRepository repository = new DevRepository(temporary, name(app), open);
      FolderTree tree = DevSession.list(app);
      repository.create();
      repository.publish(tree, first.manifest());
      serve(repository, tree);
    } finally {
      AtomicFiles.deleteTree(temporary);
    }
    return ExitCode.OK;
  }

  private void serve(DevRepository repository, FolderTree tree) throws IOException {
    LinkedBlockingQueue<Character> keys = new LinkedBlockingQueue<>();
    JvmSignals.on("TERM", () -> keys.add(DevSession.QUIT));
    JvmSignals.on("INT", () -> keys.add(DevSession.QUIT));
    StateFolder state = new StateFolder(repository.folder().resolve("state"));
    int free = freePort();
    try (Server server =
            Server.start(
                HostOptions.local(repository.remote(), free), state, ProgramHome.folder());
        TerminalKeys _ = new TerminalKeys(System.in, keys)) {
      context.print(
          "serving http://%s.%s:%d".formatted(repository.name(), DevRepository.DOMAIN, free));
      context.print("keys: o, m and r print login links; a allows the oldest request; q ends");
      new DevSession(context.terminal(), server, repository, tree, keys).run();
    }
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
