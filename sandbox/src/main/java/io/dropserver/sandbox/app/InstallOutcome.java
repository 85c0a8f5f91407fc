package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.DEPENDENCIES_FAILED;
import static io.dropserver.state.condition.AppReason.IMPORT_REFUSED;
import static io.dropserver.state.condition.AppReason.INSTALL_FAILED;
import static io.dropserver.state.condition.AppReason.LOCK_MISMATCH;
import static io.dropserver.state.condition.AppReason.SELF_CHECK_FAILED;
import static io.dropserver.state.condition.AppReason.SELF_CHECK_TIMEOUT;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallSandbox.Limit;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.sandbox.deno.FailureAdvice;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Translates the result of a Deno run into a message for the author of the app. */
final class InstallOutcome {
  /** Exit statuses of first_start.ts. */
  private static final int FETCH = 40;

  private static final int SERVE = 41;
  private static final int SILENT = 42;
  private static final int UNANSWERED = 44;
  private static final int UNSTARTED = 45;

  private static final Set<Integer> LATE = Set.of(UNANSWERED, UNSTARTED);

  /** Exit statuses of a process that SIGHUP, SIGINT, SIGKILL or SIGTERM ended. */
  private static final Set<Integer> ENDED_BY_SIGNAL = Set.of(129, 130, 137, 143);

  private static final int LINES = 20;

  /** A line of first_start.ts. */
  private static final Pattern ANSWERED =
      Pattern.compile("^dropserver: GET / answered ([1-9][0-9]{2})$", Pattern.MULTILINE);

  private InstallOutcome() {}

  /**
   * @param lockRemedy see {@link AppFiles#lockRemedy()}
   */
  static void requireInstalled(
      Result result, RegistryGateway gateway, boolean locked, String lockRemedy) {
    if (result.succeeded()) {
      return;
    }
    requireNotEndedBySignal(result);
    String output = Printable.tail(result.output(), LINES);
    if (output.contains("Requires import access") || output.contains("--no-remote")) {
      throw remote("a URL", output);
    }
    if (!gateway.refused().isEmpty()) {
      throw locked
          ? remote(list(gateway.refused()), output)
          : unlocked(gateway, output, lockRemedy);
    }
    if (!gateway.truncated().isEmpty()) {
      throw new SandboxException(
          DEPENDENCIES_FAILED,
          "The registry's response broke off: " + list(gateway.truncated()) + ".\n" + output);
    }
    if (output.contains("checksum did not match")
        || output.contains("Integrity check failed")
        || output.contains("lockfile")) {
      throw new SandboxException(
          LOCK_MISMATCH,
          "The app's dependencies differ from its deno.lock. " + lockRemedy + "\n" + output);
    }
    if (!gateway.failed().isEmpty()) {
      throw new SandboxException(
          DEPENDENCIES_FAILED,
          "The registry did not respond as expected: " + list(gateway.failed()) + ".\n" + output);
    }
    if (locked && result.exceeded().equals(Optional.of(Limit.TIME))) {
      throw new SandboxException(
          DEPENDENCIES_FAILED, "The app's packages were not fetched in time.\n" + output);
    }
    String how =
        result.exceeded().map(Limit::text).orElse("it ended with status " + result.status());
    throw new SandboxException(
        IMPORT_REFUSED, "Deno could not load the app's modules: " + how + ".\n" + output);
  }

  /**
   * A signal that is not due to a limit comes from the machine, such as a service manager that
   * stops all processes of the server.
   */
  private static void requireNotEndedBySignal(Result result) {
    if (result.exceeded().isEmpty() && ENDED_BY_SIGNAL.contains(result.status())) {
      throw new SandboxException(
          INSTALL_FAILED,
          "A signal ended the installation (status "
              + result.status()
              + "), because the server or the machine stops, or memory is short. The server retries"
              + " automatically.");
    }
  }

  private static SandboxException unlocked(
      RegistryGateway gateway, String output, String lockRemedy) {
    return new SandboxException(
        LOCK_MISMATCH,
        "The app imports packages ("
            + list(gateway.refused())
            + ") but has no deno.lock. "
            + lockRemedy
            + "\n"
            + output);
  }

  private static SandboxException remote(String where, String output) {
    return new RemoteImportException(where, output);
  }

  /** Thrown when the app imports a URL. */
  static final class RemoteImportException extends SandboxException {
    private static final long serialVersionUID = 1L;

    private final String where;

    RemoteImportException(String where, String details) {
      super(
          IMPORT_REFUSED,
          "The app imports from "
              + where
              + ": only npm: and jsr: packages are installed. Import the package instead, or copy"
              + " the module into the app.\n"
              + details);
      this.where = where;
    }

    /** Returns an exception whose message has the imports in place of Deno's output. */
    RemoteImportException listing(Optional<String> imports) {
      return imports.map(list -> new RemoteImportException(where, list)).orElse(this);
    }
  }

  static AppRuntime requireStarted(Result result, DropappManifest dropappManifest, Path files) {
    return switch (result.status()) {
      case FETCH -> AppRuntime.FETCH;
      case SERVE -> AppRuntime.SERVE;
      default -> throw notStarted(result, dropappManifest, files);
    };
  }

  /** Reports the status of the answer, unless the app's own output displaced the line. */
  static void reportAnswer(Result result, InstallProgress progress) {
    Matcher answered = ANSWERED.matcher(result.output());
    if (answered.find()) {
      progress.answered(
          Integer.parseInt(answered.group(1)), Printable.tail(answered.replaceAll(""), LINES));
    }
  }

  private static SandboxException notStarted(
      Result result, DropappManifest dropappManifest, Path files) {
    requireNotEndedBySignal(result);
    String ended =
        switch (result.status()) {
          case SILENT ->
              "it neither has a default export with a fetch function nor started a server of its"
                  + " own";
          case UNANSWERED -> "it did not answer a request in time";
          case UNSTARTED -> "it started no server in time";
          default -> "it ended with status " + result.status();
        };
    boolean late = result.exceeded().map(Limit.TIME::equals).orElse(LATE.contains(result.status()));
    return new SandboxException(
        late ? SELF_CHECK_TIMEOUT : SELF_CHECK_FAILED,
        "The trial start of the app, without network, configuration and data, failed: "
            + dropappManifest.entrypoint()
            + ": "
            + result.exceeded().map(Limit::text).orElse(ended)
            + (late
                ? "; either the machine is busy, or the app waits for what a trial start lacks"
                : "")
            + ".\n"
            + Printable.tail(result.output(), LINES)
            + FailureAdvice.of(result.output(), dropappManifest, files));
  }

  private static String list(Set<String> urls) {
    return urls.stream().sorted().limit(3).collect(Collectors.joining(", "));
  }
}
