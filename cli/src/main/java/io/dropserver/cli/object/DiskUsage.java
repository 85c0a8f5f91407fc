package io.dropserver.cli.object;

import io.dropserver.base.process.Program;
import io.dropserver.state.DataFolder;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The blocks that a state folder occupies on its disk, by appspace and by part of the server. Every
 * block is in exactly one of these numbers. Other file systems that are mounted in the folder, such
 * as open volumes, do not count, but their images do.
 *
 * @param server the parts that belong to no appspace, by their path in the state folder; {@code .}
 *     is the files at its top, such as the database
 */
record DiskUsage(List<OfAppspace> appspaces, SortedMap<String, Long> server, long totalBytes) {
  private static final Pattern DATA = Pattern.compile("data/([^/]+)");
  private static final Pattern MIRROR =
      Pattern.compile("backups/(?:further/[^/]+/)?mirrors/([^/]+)");
  private static final Pattern PART = Pattern.compile("[^/]+|backups/repository");

  /** The deepest folder that counts is {@code backups/further/NAME/mirrors/ID}. */
  private static final int DEPTH = 5;

  /**
   * @param dataBytes of the data in use
   * @param mirrorBytes of the copies from which backups are made, in all repositories
   * @param retainedBytes of retained data of this appspace and owner
   */
  record OfAppspace(
      String appspace, String owner, long dataBytes, long mirrorBytes, long retainedBytes) {
    private OfAppspace plus(OfAppspace more) {
      return new OfAppspace(
          appspace,
          owner,
          dataBytes + more.dataBytes,
          mirrorBytes + more.mirrorBytes,
          retainedBytes + more.retainedBytes);
    }
  }

  /**
   * Measures a state folder.
   *
   * @throws IOException if it cannot be read
   */
  static DiskUsage of(StateFolder state) throws IOException {
    Map<String, Long> sizes = sizes(state, state.root());
    SortedMap<String, OfAppspace> appspaces = new TreeMap<>();
    SortedMap<String, Long> server = new TreeMap<>();
    long total = Optional.ofNullable(sizes.remove("")).orElse(0L);
    server.put(".", total);
    sizes.forEach(
        (path, bytes) -> {
          Optional<OfAppspace> owned = ofAppspace(state, path, bytes);
          owned.ifPresent(
              each ->
                  appspaces.merge(each.appspace() + "/" + each.owner(), each, OfAppspace::plus));
          if (owned.isPresent() || PART.matcher(path).matches()) {
            // The size of a folder contains those of the folders in it.
            String outer = path.contains("/") ? path.substring(0, path.indexOf('/')) : ".";
            server.merge(outer, -bytes, Long::sum);
          }
          if (owned.isEmpty() && PART.matcher(path).matches()) {
            server.merge(path, bytes, Long::sum);
          }
        });
    return new DiskUsage(List.copyOf(appspaces.values()), server, total);
  }

  /**
   * Measures the data in use, by appspace.
   *
   * @throws IOException if it cannot be read
   */
  static Map<String, Long> dataBytes(StateFolder state) throws IOException {
    Map<String, Long> bytes = new HashMap<>();
    sizes(state, state.data())
        .forEach(
            (path, size) ->
                ofAppspace(state, path, size)
                    .ifPresent(each -> bytes.merge(each.appspace(), each.dataBytes(), Long::sum)));
    return bytes;
  }

  private static Optional<OfAppspace> ofAppspace(StateFolder state, String path, long bytes) {
    Matcher data = DATA.matcher(path);
    Matcher mirror = MIRROR.matcher(path);
    if (data.matches()) {
      return descriptor(state, data.group(1))
          .map(
              folder ->
                  folder.retainedAt().isPresent()
                      ? new OfAppspace(folder.appspace(), folder.owner(), 0, 0, bytes)
                      : new OfAppspace(folder.appspace(), folder.owner(), bytes, 0, 0));
    }
    return mirror.matches()
        ? descriptor(state, mirror.group(1))
            .map(folder -> new OfAppspace(folder.appspace(), folder.owner(), 0, bytes, 0))
        : Optional.empty();
  }

  /**
   * Returns the descriptor of data; empty if the data does not exist or its creation is unfinished.
   */
  private static Optional<DataFolder> descriptor(StateFolder state, String id) {
    try {
      return DataFolder.read(state.data().resolve(id));
    } catch (IOException damaged) {
      return Optional.empty();
    }
  }

  /** Returns the sizes of a folder and of the folders in it, by their path in the state folder. */
  private static Map<String, Long> sizes(StateFolder state, Path folder) throws IOException {
    if (!Files.isReadable(folder)) {
      throw new IOException(folder + " cannot be read");
    }
    List<String> command =
        new ArrayList<>(List.of("du", "--one-file-system", "--null", "--block-size=1"));
    command.addAll(List.of("--max-depth=" + DEPTH, folder.toString()));
    Map<String, Long> sizes = new HashMap<>();
    // Files that are deleted meanwhile are errors of du and do not count.
    var _ = Program.of(command).outputTo(output -> readSizes(output, state, sizes)).run();
    return sizes;
  }

  private static boolean readSizes(InputStream output, StateFolder state, Map<String, Long> sizes) {
    try (Scanner lines = new Scanner(output, StandardCharsets.UTF_8).useDelimiter("\0")) {
      while (lines.hasNext()) {
        String[] line = lines.next().split("\t", 2);
        String path = line[1].substring(state.root().toString().length()).replaceFirst("^/", "");
        if (path.isEmpty() || isCounted(path)) {
          sizes.put(path, Long.parseLong(line[0]));
        }
      }
    }
    return false;
  }

  private static boolean isCounted(String path) {
    return PART.matcher(path).matches()
        || DATA.matcher(path).matches()
        || MIRROR.matcher(path).matches();
  }
}
