package io.dropserver.cli.app;

import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of a folder with another manifest.
 *
 * @param manifest the text of {@code dropapp.json}
 */
record CompletedTree(SourceTree folder, String manifest) implements SourceTree {
  @Override
  public List<TreeEntry> entries() {
    TreeEntry own =
        new TreeEntry(ManifestReader.FILE_NAME, manifest, TreeEntryType.FILE, bytes().length);
    return Stream.concat(
            folder.entries().stream().filter(it -> !it.path().equals(ManifestReader.FILE_NAME)),
            Stream.of(own))
        .sorted(Comparator.comparing(TreeEntry::path))
        .toList();
  }

  @Override
  public byte[] read(TreeEntry entry) throws IOException {
    return entry.path().equals(ManifestReader.FILE_NAME) ? bytes() : folder.read(entry);
  }

  private byte[] bytes() {
    return manifest.getBytes(StandardCharsets.UTF_8);
  }
}
