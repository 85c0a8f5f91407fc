package io.dropserver.cli.dev;

import static io.dropserver.cli.output.Terminal.Colour.YELLOW;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.app.AppFolder;
import io.dropserver.cli.app.ManifestEgress;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.ControlException;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.server.Development;
import io.dropserver.server.Server;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One run of {@code dropserver app dev}: publishes the app's folder at each change, shows its log
 * and requests, and reacts to keys. Only the thread that calls {@link #run} may use it, except for
 * the log.
 */
final class DevSession {
  static final char QUIT = 'q';
  private static final char ALLOW = 'a';
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
  private static final Duration RELOAD_TIMEOUT = Duration.ofMinutes(6);

  private static final Set<ConditionType> FAILURES =
      Set.of(ConditionType.STALLED, ConditionType.SANDBOX_FAILING, ConditionType.STORAGE_FULL);

  private final Terminal terminal;
  private final Server server;
  private final Development development;
  private final DevRepository repository;
  private final Path folder;
  private final BlockingQueue<Character> keys;
  private final Set<String> shown = new HashSet<>();
  private final List<ApprovalStatus> waiting = new ArrayList<>();
  private FolderTree published;
  private List<String> inferred;

  DevSession(
      Terminal terminal,
      Server server,
      Development development,
      DevRepository repository,
      FolderTree published,
      List<String> inferred,
      BlockingQueue<Character> keys) {
    this.terminal = terminal;
    this.server = server;
    this.development = development;
    this.repository = repository;
    this.folder = published.root();
    this.published = published;
    this.inferred = inferred;
    this.keys = keys;
  }

  /** Lists the app's files: those that {@code app pack} would write. */
  static FolderTree list(Path folder) throws IOException {
    Set<String> ignored = new GitProgram().ignored(folder);
    return FolderTree.of(folder, path -> ignored.contains(path) || isNodeModules(path));
  }

  private static boolean isNodeModules(String path) {
    return path.equals("node_modules/") || path.endsWith("/node_modules/");
  }

  /** Blocks until the key {@link #QUIT}. */
  void run() throws IOException {
    Thread log = Thread.ofVirtual().name("dev-log").start(this::followLog);
    try {
      synchronize(System.nanoTime());
      link(DevRepository.USERS.getFirst());
      char key = ' ';
      while (key != QUIT) {
        react(key);
        publishChanges();
        showRequests();
        key = next();
      }
    } finally {
      log.interrupt();
    }
  }

  /** Returns the next key, or a blank after the interval between two polls. */
  private char next() {
    try {
      Character key = keys.poll(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      return key == null ? ' ' : key;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return QUIT;
    }
  }

  private void react(char key) throws IOException {
    if (key == ALLOW) {
      allow();
    }
    for (String user : DevRepository.USERS) {
      if (key == user.charAt(0)) {
        link(user);
      }
    }
  }

  /** Prints a link that logs the browser in as a user. */
  private void link(String user) {
    terminal.out().println("open as " + user + ", once: " + server.users().enroll(user, true));
  }

  /** Writes the oldest request into the manifest, which is then published like any change. */
  private void allow() throws IOException {
    if (waiting.isEmpty()) {
      say("no request is waiting");
      return;
    }
    ApprovalStatus request = waiting.getFirst();
    try {
      ManifestEgress.add(AppFolder.read(folder), request.url(), request.methods());
    } catch (CommandException e) {
      warn(String.valueOf(e.getMessage()));
      return;
    }
    waiting.removeFirst();
    say("allowed " + describe(request) + "; added to egress in dropapp.json");
    if (!waiting.isEmpty()) {
      warn(prompt(waiting));
    }
  }

  /** Names the request that a key allows, which is not always the one that was printed last. */
  static String prompt(List<ApprovalStatus> waiting) {
    return "press a to allow " + describe(waiting.getFirst());
  }

  private void publishChanges() throws IOException {
    FolderTree current = list(folder);
    if (current.entries().equals(published.entries())) {
      return;
    }
    long start = System.nanoTime();
    published = current;
    try {
      AppFolder app = AppFolder.read(folder);
      if (!app.inferred().equals(inferred)) {
        inferred = app.inferred();
        inferred.forEach(this::say);
      }
      repository.publish(current, app);
    } catch (CommandException e) {
      warn(String.valueOf(e.getMessage()));
      return;
    } catch (IOException e) {
      // A file changed meanwhile, so the next poll publishes it again.
      warn("the folder cannot be published: " + e.getMessage());
      return;
    }
    synchronize(start);
  }

  private void synchronize(long start) {
    var result = server.control().sync(Optional.empty(), Optional.of(RELOAD_TIMEOUT));
    if (!result.served()) {
      warn(result.message());
      InstanceStatus status = server.view().status();
      status.problems().forEach(problem -> warn(problem.toString()));
      return;
    }
    ObjectStatus appspace =
        server.view().objects(Optional.of("Appspace"), Optional.of(repository.name())).getFirst();
    List<Condition> failed = appspace.conditions().stream().filter(DevSession::isFailure).toList();
    if (!appspace.ready()) {
      warn(appspace.reason() + ": " + appspace.message());
    }
    failed.forEach(condition -> warn(condition.reason() + ": " + condition.message()));
    if (appspace.ready() && failed.isEmpty()) {
      double seconds = (System.nanoTime() - start) / 1e9;
      development.reload();
      say(String.format(Locale.ROOT, "serving the app after %.2f s", seconds));
    }
  }

  private void showRequests() {
    for (ApprovalStatus request : server.view().approvals()) {
      boolean open = request.state().equals("open") || request.state().equals("queued");
      if (!open) {
        waiting.removeIf(earlier -> earlier.id().equals(request.id()));
      } else if (shown.add(request.id())) {
        waiting.add(request);
        warn("the app requests " + describe(request));
        warn(prompt(waiting));
      }
    }
  }

  private static String describe(ApprovalStatus request) {
    return String.join(", ", request.methods())
        + " "
        + request.url()
        + request.reason().map(reason -> " (" + reason + ")").orElse("");
  }

  /** Runs on its own thread until it is interrupted. */
  private void followLog() {
    try {
      while (true) {
        printLog();
        Thread.sleep(POLL_INTERVAL);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Prints the log until it ends. An appspace has no log before its first installation. */
  private void printLog() {
    try {
      server.view().logs(repository.name(), true, this::print);
    } catch (ControlException | IOException _) {
      // The caller asks again.
    }
  }

  private void print(LogLine line) {
    terminal.printLine(line.time(), VisibleText.line(line.text()), line.stream().equals("stderr"));
  }

  private void say(String text) {
    terminal.out().println(VisibleText.line(text));
  }

  private void warn(String text) {
    text.lines()
        .forEach(line -> terminal.out().println(terminal.paint(YELLOW, VisibleText.line(line))));
  }

  private static boolean isFailure(Condition condition) {
    return condition.status() && condition.hasTypeIn(FAILURES);
  }
}
