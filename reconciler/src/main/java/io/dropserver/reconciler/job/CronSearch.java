package io.dropserver.reconciler.job;

import io.dropserver.sandbox.InstalledApp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches the modules of apps for {@code Deno.cron}. Many appspaces run the same content, so each
 * content is searched once. Not thread-safe.
 */
final class CronSearch {
  private static final Logger LOG = LoggerFactory.getLogger(CronSearch.class);
  private static final String CALL = "Deno.cron";
  private static final Pattern MODULE = Pattern.compile(".*\\.(?:ts|tsx|mts|js|jsx|mjs)");

  /** Larger modules are not searched. */
  static final long MAX_MODULE_BYTES = 1 << 20;

  /** The results by content ID. */
  private final Map<String, Boolean> results = new HashMap<>();

  /** Returns whether a module of the app mentions the call; false if its files are unreadable. */
  boolean mentionsCron(InstalledApp app) {
    return results.computeIfAbsent(app.contentId(), _ -> search(app));
  }

  private static boolean search(InstalledApp app) {
    try {
      return mentionsCron(app.files());
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the modules of {} cannot be read: {}", app.app(), e.getMessage());
      return false;
    }
  }

  /** Returns whether a module in the folder contains the text {@code Deno.cron}. */
  static boolean mentionsCron(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> MODULE.matcher(file.getFileName().toString()).matches())
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .anyMatch(CronSearch::containsCall);
    }
  }

  private static boolean containsCall(Path module) {
    try {
      return Files.size(module) <= MAX_MODULE_BYTES
          && new String(Files.readAllBytes(module), StandardCharsets.ISO_8859_1).contains(CALL);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
