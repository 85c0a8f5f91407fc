package io.dropserver.web.dns;

import io.dropserver.schema.host.AcmeDns;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TXT records of DNS-01 challenges. A record is listed in a file before it is added and until
 * it was removed, so that a later process removes what a crash left behind. Confined to one thread.
 */
public final class ChallengeRecords {
  private static final Logger LOG = LoggerFactory.getLogger(ChallengeRecords.class);
  private static final String FILE = "dns-01.records";

  /** If records cannot be removed, the oldest are forgotten beyond this number. */
  private static final int MAX_LISTED = 20;

  /** A TXT record's text has at most 255 bytes (RFC 1035, section 3.3). */
  private static final int MAX_VALUE = 255;

  private final UpdateProgram records;
  private final Propagation propagation;
  private final Path file;

  /**
   * @param folder the folder of the list of added records
   */
  public ChallengeRecords(AcmeDns settings, Path folder) {
    this(
        new UpdateProgram(settings.command(), UpdateProgram.TIMEOUT),
        new Propagation(settings.nameServers(), settings.propagationTimeout()),
        folder);
  }

  ChallengeRecords(UpdateProgram records, Propagation propagation, Path folder) {
    this.records = records;
    this.propagation = propagation;
    this.file = folder.resolve(FILE);
  }

  /**
   * Adds records, and blocks until the authoritative name servers serve them.
   *
   * @throws DnsException when they do not; some records may have been added
   * @throws IOException when the list of records cannot be written; no record was added
   */
  public void publish(List<TxtRecord> added) throws IOException, InterruptedException {
    List<TxtRecord> listed = new ArrayList<>(listed());
    listed.addAll(added);
    while (listed.size() > MAX_LISTED) {
      TxtRecord forgotten = listed.removeFirst();
      LOG.warn("the TXT record {} with {} remains", forgotten.name(), forgotten.value());
    }
    write(listed);
    Map<String, Set<String>> values = new TreeMap<>();
    for (TxtRecord each : added) {
      records.add(each);
      values.computeIfAbsent(each.name(), _ -> new TreeSet<>()).add(each.value());
    }
    for (Map.Entry<String, Set<String>> each : values.entrySet()) {
      propagation.await(each.getKey(), each.getValue());
    }
  }

  /**
   * Removes the listed records, also those of an earlier process, the newest first. Ends at the
   * first one that cannot be removed, because a program that hangs would take minutes for each.
   *
   * @return why a record could not be removed; empty if all were
   * @throws IOException when the list cannot be read or written
   */
  public Optional<String> removeAll() throws IOException, InterruptedException {
    List<TxtRecord> listed = listed();
    List<TxtRecord> left = new ArrayList<>(listed);
    Optional<String> problem = Optional.empty();
    while (!left.isEmpty() && problem.isEmpty()) {
      TxtRecord next = left.getLast();
      try {
        records.remove(next);
        left.removeLast();
      } catch (DnsException e) {
        problem =
            Optional.of(
                "the TXT record %s with %s could not be removed: %s"
                    .formatted(next.name(), next.value(), e.getMessage()));
      }
    }
    if (!left.equals(listed)) {
      write(left);
    }
    return problem;
  }

  private List<TxtRecord> listed() throws IOException {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
          .map(line -> line.split(" ", 2))
          .filter(parts -> parts.length == 2 && parts[1].length() <= MAX_VALUE)
          .map(parts -> new TxtRecord(parts[0], parts[1]))
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  private void write(List<TxtRecord> listed) throws IOException {
    if (listed.isEmpty()) {
      Files.deleteIfExists(file);
      return;
    }
    StringBuilder lines = new StringBuilder();
    listed.forEach(each -> lines.append(each.name()).append(' ').append(each.value()).append('\n'));
    AtomicFiles.write(file, lines.toString().getBytes(StandardCharsets.ISO_8859_1));
  }
}
