package io.dropserver.sandbox.deno;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognises common causes in the output of a program that failed, and suggests a remedy. The
 * output is untrusted: an app that fakes it deceives only its author. Pure, except that it looks
 * for files of the app.
 */
public final class FailureAdvice {
  private static final Pattern MISSING =
      Pattern.compile("NotFound|ENOENT|No such file or directory|Failed to lookup view");
  private static final Pattern READ_ONLY =
      Pattern.compile("EROFS|Read-only file system|Requires write access to \"(?:/app/|[^/\"])");
  private static final Pattern IMPORT = Pattern.compile("Requires import access to ");
  private static final Pattern QUOTED = Pattern.compile("['\"]([^'\"]{1,1000})['\"]");

  private FailureAdvice() {}

  /**
   * @param files the app's own files
   * @return sentences that follow a message, beginning with a line break; empty if no cause is
   *     known
   */
  public static String of(String output, DropappManifest manifest, Path files) {
    Optional<String> advice =
        NativeAddons.advice(output)
            .or(() -> imports(output))
            .or(() -> workingFolder(output, manifest.launchOptions().workingFolder(), files));
    return advice.map(sentence -> "\n" + sentence).orElse("");
  }

  private static Optional<String> imports(String output) {
    return IMPORT.matcher(output).find()
        ? Optional.of(
            "Modules are fetched when the app is installed, not later: import packages of npm and"
                + " jsr by static imports, or put the module into the app.")
        : Optional.empty();
  }

  private static Optional<String> workingFolder(
      String output, WorkingFolder workingFolder, Path files) {
    return switch (workingFolder) {
      case DATA ->
          output
              .lines()
              .filter(line -> MISSING.matcher(line).find())
              .flatMap(line -> QUOTED.matcher(line).results().map(found -> found.group(1)))
              .flatMap(path -> inApp(path, files).stream())
              .findFirst()
              .map(FailureAdvice::meantApp);
      case APP -> READ_ONLY.matcher(output).find() ? Optional.of(meantData()) : Optional.empty();
    };
  }

  private static String meantApp(String path) {
    return ("The app contains \"%s\", but relative paths start in /data, because dropapp.json has"
            + " \"cwd\": \"data\" or no \"cwd\". If /app was meant, write \"cwd\": \"app\".")
        .formatted(path);
  }

  private static String meantData() {
    return "Relative paths start in /app, which is read-only, because dropapp.json has \"cwd\":"
        + " \"app\". If /data was meant, write \"cwd\": \"data\", or name files by their absolute"
        + " path.";
  }

  /** Returns the path relative to the app's folder if the app has it, but /data does not. */
  private static Optional<String> inApp(String path, Path files) {
    String data = SandboxPaths.DATA + "/";
    String relative = path.startsWith(data) ? path.substring(data.length()) : path;
    try {
      Path file = Path.of(relative).normalize();
      boolean inside =
          !file.isAbsolute()
              && !file.toString().isEmpty()
              && !file.startsWith("..")
              && Files.exists(files.resolve(file), LinkOption.NOFOLLOW_LINKS);
      return inside ? Optional.of(file.toString()) : Optional.empty();
    } catch (InvalidPathException hostile) {
      return Optional.empty();
    }
  }
}
