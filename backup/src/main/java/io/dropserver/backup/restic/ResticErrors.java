package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import io.dropserver.base.text.ShortText;
import io.dropserver.state.condition.BackupReason;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Maps restic's exit code and last messages to a problem and a remedy. */
final class ResticErrors {
  static final int NO_REPOSITORY = 10;
  static final int LOCKED = 11;
  private static final int WRONG_PASSWORD = 12;
  private static final int FAILED = 1;
  private static final int MAX_SHOWN = 400;

  /** Messages of restic before 0.17.1, which has only one exit code for all errors. */
  private static final Pattern OLD_NO_REPOSITORY =
      Pattern.compile("unable to open config file: .*(no such file|not exist|not found)");

  private static final Pattern OLD_LOCKED = Pattern.compile("repository is already locked");
  private static final Pattern OLD_WRONG_PASSWORD =
      Pattern.compile("wrong password or no key found");
  private static final Pattern UNKNOWN_SNAPSHOT =
      Pattern.compile("failed to find snapshot|invalid id \\S+: no matching ID");
  private static final Pattern DAMAGE =
      Pattern.compile(
          "ciphertext verification failed|does not match|is damaged|hash mismatch"
              + "|repository contains errors|invalid data returned|not found in repository"
              + "|not found in index|pack");
  private static final Pattern UNREACHABLE = Pattern.compile("unable to open|connection|dial");
  private static final Pattern NO_SPACE = Pattern.compile("no space left|quota exceeded");
  private static final Pattern COUNT = Pattern.compile("There were \\d+ errors");

  private ResticErrors() {}

  /** Returns the exit code that a restic of 0.17.1 or newer has for this result. */
  static int status(ProgramEnd end) {
    String errors = end.errors();
    if (end.status() != FAILED) {
      return end.status();
    }
    if (OLD_NO_REPOSITORY.matcher(errors).find()) {
      return NO_REPOSITORY;
    }
    if (OLD_LOCKED.matcher(errors).find()) {
      return LOCKED;
    }
    return OLD_WRONG_PASSWORD.matcher(errors).find() ? WRONG_PASSWORD : FAILED;
  }

  static boolean isUnknownSnapshot(ProgramEnd end) {
    return end.status() == FAILED && UNKNOWN_SNAPSHOT.matcher(end.errors()).find();
  }

  static BackupException toException(ProgramEnd end, RepositorySettings settings) {
    String detail = mainMessage(end.errors());
    String where = settings.repository();
    if (end.cause() == Cause.TIMED_OUT) {
      return new BackupException(
          BackupReason.REPOSITORY_UNREACHABLE,
          "the repository %s did not respond in time: %s; check the network and that machine"
              .formatted(where, detail));
    }
    return switch (status(end)) {
      case NO_REPOSITORY ->
          new BackupException(
              BackupReason.REPOSITORY_UNREACHABLE,
              "the repository at %s no longer exists, or it cannot be reached: %s; restore it there, or set backup.repository in the host's configuration to its new place"
                  .formatted(where, detail));
      case LOCKED ->
          new BackupException(
              BackupReason.REPOSITORY_LOCKED,
              "the repository %s is locked by another restic process: %s; wait until that process has ended, or if it was killed on another machine, run `restic -r %s unlock`"
                  .formatted(where, detail, where));
      case WRONG_PASSWORD ->
          new BackupException(
              BackupReason.WRONG_PASSWORD,
              "the password in %s does not open the repository %s: write the password that it was created with to this file"
                  .formatted(settings.passwordFile(), where));
      default -> diskFull(end.errors()).orElseGet(() -> byMessage(detail, end.status(), where));
    };
  }

  /** Searches all lines, because the last line may contain only the number of errors. */
  private static Optional<BackupException> diskFull(String errors) {
    return errors
        .lines()
        .filter(line -> NO_SPACE.matcher(line.toLowerCase(Locale.ROOT)).find())
        .findFirst()
        .map(ResticErrors::mainMessage)
        .map(
            detail ->
                new BackupException(
                    BackupReason.DISK_FULL,
                    "the disk of the repository is full: %s; free some space, or keep fewer backups"
                        .formatted(detail)));
  }

  private static BackupException byMessage(String detail, int status, String where) {
    String lower = detail.toLowerCase(Locale.ROOT);
    if (DAMAGE.matcher(lower).find()) {
      return new BackupException(
          BackupReason.REPOSITORY_DAMAGED,
          "the repository %s is damaged: %s; see restic's guide on repair: restic check --read-data, restic repair packs, restic repair snapshots"
              .formatted(where, detail));
    }
    if (UNREACHABLE.matcher(lower).find()) {
      return new BackupException(
          BackupReason.REPOSITORY_UNREACHABLE,
          "the repository " + where + " cannot be reached: " + detail);
    }
    return new BackupException(
        BackupReason.BACKUP_FAILED, "restic ended with status " + status + ": " + detail);
  }

  /**
   * Returns restic's own message, or else the last line. If the last line contains only the number
   * of errors, returns the first line.
   */
  private static String mainMessage(String errors) {
    String first = "";
    String last = "";
    for (String line : errors.lines().toList()) {
      String text =
          ResticJson.message(line)
              .map(ResticErrors::sentence)
              .filter(s -> !s.isEmpty())
              .orElse(line);
      if (!text.isBlank() && !text.startsWith("{")) {
        last = text;
        first = first.isEmpty() ? text : first;
      }
    }
    String chosen = COUNT.matcher(last).find() ? first : last;
    String flat = chosen.replaceAll("\\s+", " ").replaceFirst("^Fatal: ", "").strip();
    return ShortText.of(flat, MAX_SHOWN);
  }

  private static String sentence(JsonNode message) {
    return message.path("message").asString(message.path("error").path("message").asString(""));
  }
}
