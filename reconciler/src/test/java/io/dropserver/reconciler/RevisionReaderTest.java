package io.dropserver.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.source.ConfigSource.Snapshot;
import io.dropserver.reconciler.source.Revision;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionReaderTest {
  private static final InstanceReader READER = new InstanceReader();

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        folder.resolve("instance.yaml"),
        """
        apiVersion: dropserver.io/v1
        kind: Instance
        metadata: {name: home}
        spec: {domain: home.localhost}
        """);
  }

  @Test
  void filesThatWereReadAheadAreNotReadAgain() throws IOException {
    ReadResult ahead = READER.read(tree(), ReadOptions.WHOLE_REPOSITORY);
    assertThat(ahead.filesRead()).isEqualTo(1);
    AtomicInteger asked = new AtomicInteger();
    RevisionReader reader =
        new RevisionReader(
            READER,
            ReadOptions.WHOLE_REPOSITORY,
            () -> {
              asked.incrementAndGet();
              return Optional.of(ahead);
            });
    assertThat(reader.read(snapshot()).filesRead()).isZero();
    Files.writeString(
        folder.resolve("users.yaml"),
        """
        apiVersion: dropserver.io/v1
        kind: User
        metadata: {name: alice}
        spec: {role: admin}
        """);
    ReadResult next = reader.read(snapshot());
    assertThat(next.filesRead()).isEqualTo(1);
    assertThat(next.instance().orElseThrow().users()).containsKey("alice");
    assertThat(asked).hasValue(1);
  }

  private SourceTree tree() throws IOException {
    return FolderTree.of(folder, path -> false);
  }

  private Snapshot snapshot() throws IOException {
    return new Snapshot(new Revision("%040x".formatted(1)), tree());
  }
}
