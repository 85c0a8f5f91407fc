package io.dropserver.web.dns;

import io.dropserver.schema.text.VisibleText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs an operator's program to add and remove records: without a shell, with the arguments {@code
 * add} or {@code remove}, name and value, and without the server's environment. Thread-safe.
 *
 * @param command the program's absolute path and its first arguments
 * @param timeout after which the program is killed
 */
record UpdateProgram(List<String> command, Duration timeout) {
  static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** A program that writes more is killed. */
  private static final int MAX_OUTPUT = 1 << 20;

  /** How much of the end of the output is part of a message, in bytes. */
  private static final int SHOWN_OUTPUT = 500;

  /** How long a child of the program may keep the output open after the program has ended. */
  private static final Duration OUTPUT_GRACE = Duration.ofSeconds(1);

  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C");

  /**
   * Adds a record, or does nothing if it exists.
   *
   * @throws DnsException when the record was not added, or if that is unknown
   */
  void add(TxtRecord txtRecord) throws InterruptedException {
    run("add", txtRecord);
  }

  /**
   * Removes a record and no other of its name, or does nothing if it does not exist.
   *
   * @throws DnsException when the record was not removed, or if that is unknown
   */
  void remove(TxtRecord txtRecord) throws InterruptedException {
    run("remove", txtRecord);
  }

  private void run(String action, TxtRecord txtRecord) throws InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of(action, txtRecord.name(), txtRecord.value()));
    Process process = start(words);
    OutputEnd output = new OutputEnd();
    CompletableFuture<Void> read = new CompletableFuture<>();
    var _ = Thread.ofVirtual().name("dns-command").start(() -> output.read(process, read));
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure(
            action, txtRecord, "did not end within " + timeout.toSeconds() + " s", output);
      }
      CompletableFuture<Void> _ =
          read.completeOnTimeout(null, OUTPUT_GRACE.toMillis(), TimeUnit.MILLISECONDS);
      read.join();
      if (output.excessive()) {
        throw failure(action, txtRecord, "wrote more than 1 MiB and was killed", output);
      }
      if (process.exitValue() != 0) {
        throw failure(action, txtRecord, "ended with exit code " + process.exitValue(), output);
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      close(process.getInputStream()); // a child that outlives the program may have it open
    }
  }

  private static void close(InputStream output) {
    try {
      output.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process start(List<String> words) {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(Path.of("/").toFile())
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(ENVIRONMENT);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new DnsException(
          "%s (acme.dns01.command) cannot be started: %s"
              .formatted(command.getFirst(), e.getMessage()),
          e);
    }
  }

  private DnsException failure(
      String action, TxtRecord txtRecord, String problem, OutputEnd output) {
    String end = output.text();
    return new DnsException(
        "%s (acme.dns01.command) %s after %s %s VALUE; %s"
            .formatted(
                command.getFirst(),
                problem,
                action,
                txtRecord.name(),
                end.isEmpty() ? "it wrote nothing" : "its output ends with: " + end));
  }

  /** Keeps the end of a program's output. Thread-safe. */
  private static final class OutputEnd {
    /** One character for each byte. Guarded by this. */
    private final StringBuilder end = new StringBuilder();

    /** Guarded by this. */
    private int bytes;

    void read(Process process, CompletableFuture<Void> done) {
      byte[] buffer = new byte[8192];
      try (InputStream in = process.getInputStream()) {
        for (int n = in.read(buffer); n >= 0 && !excessive(); n = in.read(buffer)) {
          keep(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        }
      } catch (IOException killed) {
        // What was read before is part of the message.
      }
      if (excessive()) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      done.complete(null);
    }

    private synchronized void keep(String text) {
      bytes += text.length();
      end.append(text);
      end.delete(0, Math.max(0, end.length() - SHOWN_OUTPUT));
    }

    synchronized boolean excessive() {
      return bytes > MAX_OUTPUT;
    }

    /** Returns the end of the output on one line, safe to print. */
    synchronized String text() {
      byte[] raw = end.toString().getBytes(StandardCharsets.ISO_8859_1);
      String text = new String(raw, StandardCharsets.UTF_8).strip();
      return VisibleText.line(text.replaceAll("\\s*\\R\\s*", " / "));
    }
  }
}
