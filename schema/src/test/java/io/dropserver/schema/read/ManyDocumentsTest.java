package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.SourceTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ManyDocumentsTest {
  private static final int COUNT = 10_000;

  /** The entries are created once, as a Git tree would have them available. */
  private record ListedTree(List<TreeEntry> entries, Map<String, byte[]> files)
      implements SourceTree {
    @Override
    public byte[] read(TreeEntry treeEntry) {
      return files.getOrDefault(treeEntry.path(), new byte[0]);
    }
  }

  private static ListedTree tree(String changed) {
    Map<String, byte[]> files = new HashMap<>();
    MapTree small = InstanceReaderTest.tree();
    small.entries().forEach(treeEntry -> files.put(treeEntry.path(), small.read(treeEntry)));
    for (int i = 0; i < COUNT; i++) {
      String text = InstanceReaderTest.APPSPACE.replace("garden", "garden-" + i);
      String written = i == 5_000 ? text.replace("metric", changed) : text;
      files.put("appspaces/" + i + ".yaml", written.getBytes(StandardCharsets.UTF_8));
    }
    List<SourceTree.TreeEntry> entries = new ArrayList<>();
    files.forEach(
        (path, bytes) ->
            entries.add(
                new SourceTree.TreeEntry(
                    path,
                    new String(bytes, StandardCharsets.UTF_8),
                    SourceTree.TreeEntryType.FILE,
                    bytes.length)));
    entries.sort(java.util.Comparator.comparing(SourceTree.TreeEntry::path));
    return new ListedTree(entries, files);
  }

  @Test
  void onlyTheChangedFileOfTenThousandIsReadAgain() throws Exception {
    InstanceReader reader = new InstanceReader();
    ListedTree before = tree("metric");
    ListedTree after = tree("imperial");
    long start = System.nanoTime();
    ReadResult whole = reader.read(before, ReadOptions.WHOLE_REPOSITORY);
    long wholeMillis = (System.nanoTime() - start) / 1_000_000;
    assertThat(whole.problems()).isEmpty();
    assertThat(whole.filesRead()).isGreaterThan(COUNT);
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 10; round++) {
      start = System.nanoTime();
      ReadResult again = reader.read(after, ReadOptions.WHOLE_REPOSITORY.withPrevious(whole));
      best = Math.min(best, (System.nanoTime() - start) / 1_000);
      assertThat(again.filesRead()).isEqualTo(1);
      assertThat(again.instance().orElseThrow().appspace("garden-5000").orElseThrow().config())
          .containsEntry("units", "imperial");
    }
    LoggerFactory.getLogger(ManyDocumentsTest.class)
        .info("10,000 documents: whole {} ms, one changed {} µs", wholeMillis, best);
  }
}
