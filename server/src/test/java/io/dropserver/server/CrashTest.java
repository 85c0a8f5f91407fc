package io.dropserver.server;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.SyncResult;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.AtomicFiles;
import io.dropserver.testing.property.Generator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A kill at any instant leaves exactly what is on disk at that instant. So while random pushes are
 * converged to, this test copies the state folder at the edges of each step. A server that starts
 * on any of the copies must reach the same state, with no data lost or shared and no uid used
 * twice.
 */
@Tag("slow")
class CrashTest {
  private static final List<String> NAMES = List.of("garden", "notes", "yard", "park");
  private static final int PUSHES = 6;
  private static final int COPIES = 6;

  private final List<Path> temporary = new ArrayList<>();

  private record Copy(Path folder, Optional<String> served) {}

  private Path folder() throws IOException {
    Path folder = Files.createTempDirectory("dropserver-crash");
    temporary.add(folder);
    return folder;
  }

  @AfterEach
  void clean() throws IOException {
    for (Path folder : temporary) {
      AtomicFiles.deleteTree(folder);
    }
  }

  @Test
  void theNextStartConvergesAfterAKillAtAnyInstant() {
    forAll(
        8,
        Generator.longs(Long.MIN_VALUE, Long.MAX_VALUE),
        seed -> {
          Random random = new Random(seed);
          FakeSource source = new FakeSource();
          TestServer.Store store = new TestServer.Store(source);
          Model model = new Model(random);
          List<Copy> copies = new ArrayList<>();
          Path original = folder();
          source.push(model.push());
          try (TestServer server = new TestServer(original, source, store).start()) {
            Runnable edge = () -> copy(original, source, random, copies);
            store.edge = edge;
            server.sandboxes.edge =
                spec -> {
                  server.data.createFolder(spec.appspace());
                  mark(spec);
                  edge.run();
                };
            server.sandboxes.withdrawn = appspace -> edge.run();
            server.sync();
            for (int i = 0; i < PUSHES; i++) {
              source.push(model.push());
              store.broken.clear();
              if (random.nextInt(4) == 0) {
                store.broken.add("hello");
              }
              server.sync();
            }
            store.edge = () -> {};
          }
          store.broken.clear();
          for (Copy copy : copies) {
            converges(copy, source.after(copy.served()), store, model);
          }
          converges(new Copy(original, source.servedNow()), source, store, model);
        });
  }

  private static void converges(Copy copy, FakeSource source, TestServer.Store store, Model model)
      throws Exception {
    Map<String, String> marks = marks(copy.folder());
    try (TestServer server = new TestServer(copy.folder(), source, store).start()) {
      SyncResult result = server.sync();
      assertThat(result.served()).as(result.message()).isTrue();
      startEmpty(server);
      assertThat(server.sandboxes.declared.keySet()).isEqualTo(model.running());
      assertThat(server.table.sites()).hasSize(model.declared().size());
      assertThat(server.reconciliation.view().status().objects())
          .allSatisfy(object -> assertThat(object.ready()).as(object.toString()).isTrue());
      Set<Path> folders = new HashSet<>();
      Set<Integer> uids = new HashSet<>();
      for (SandboxSpec spec : server.sandboxes.declared.values()) {
        assertThat(folders.add(spec.dataFolder())).isTrue();
        assertThat(uids.add(spec.uid())).isTrue();
      }
    }
    assertThat(marks(copy.folder())).containsAllEntriesOf(marks);
    try (TestServer server = new TestServer(copy.folder(), source, store).start()) {
      server.sync();
      assertThat(server.database.transactions()).as("writes of a restart with no news").isZero();
    }
  }

  /** Decides for each appspace that asks, because data of a removed one is retained. */
  private static void startEmpty(TestServer server) {
    server.reconciliation.view().status().objects().stream()
        .filter(object -> object.reason().equals("DataRetained"))
        .forEach(object -> server.reconciliation.control().startEmpty(object.name()));
  }

  private static void mark(SandboxSpec spec) {
    try {
      Path mark = spec.dataFolder().resolve("mark");
      if (!Files.exists(mark)) {
        Files.writeString(mark, spec.appspace() + " " + spec.uid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The marks, by ID of the data folder. */
  private static Map<String, String> marks(Path folder) throws IOException {
    Map<String, String> marks = new TreeMap<>();
    try (var ids = Files.newDirectoryStream(folder.resolve("data"))) {
      for (Path id : ids) {
        Path mark = id.resolve("files/mark");
        if (Files.exists(mark)) {
          marks.put(id.getFileName().toString(), Files.readString(mark));
        }
      }
    }
    return marks;
  }

  /**
   * Copies what a kill would leave: first the database, then its log, which only grows meanwhile,
   * then the next uid, which is always on disk before the previous one is used.
   */
  private synchronized void copy(Path from, FakeSource source, Random random, List<Copy> copies) {
    if (copies.size() >= COPIES || random.nextInt(3) != 0) {
      return;
    }
    try {
      Path to = folder();
      Optional<String> served = source.servedNow();
      for (String part : List.of("state.db", "state.db-wal", "next-uid")) {
        if (Files.exists(from.resolve(part))) {
          Files.copy(from.resolve(part), to.resolve(part));
        }
      }
      copyTree(from.resolve("data"), to.resolve("data"));
      copies.add(new Copy(to, served));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (var paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        try {
          Files.copy(path, to.resolve(from.relativize(path)));
        } catch (NoSuchFileException e) {
          // A temporary file that was renamed in the meantime.
        }
      }
    }
  }

  /** The instance that the pushes declare. */
  private static final class Model {
    private final Random random;
    private final SampleRepo repo = new SampleRepo();
    private final TreeMap<String, String> appspaces = new TreeMap<>();
    private int content;

    Model(Random random) {
      this.random = random;
      declare("keeper", "access: public");
    }

    Set<String> declared() {
      return appspaces.keySet();
    }

    Set<String> running() {
      Set<String> running = new TreeSet<>(appspaces.keySet());
      running.removeIf(name -> appspaces.getOrDefault(name, "").contains("paused"));
      return running;
    }

    Map<String, String> push() {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      String other = NAMES.get(random.nextInt(NAMES.size()));
      switch (random.nextInt(6)) {
        case 0 -> declare(name, "state: paused");
        case 1 -> remove(name);
        case 2 -> {
          if (appspaces.containsKey(name) && !appspaces.containsKey(other)) {
            remove(name);
            declare(other, "renamedFrom: " + name);
          }
        }
        case 3 -> repo.app("hello", "1.0.0", "content " + content++);
        default -> declare(name, "limits: {memory: " + (64 + random.nextInt(64)) + "Mi}");
      }
      return repo.files();
    }

    private void declare(String name, String line) {
      // A name that is used again is no longer the earlier name of another appspace.
      for (String other : List.copyOf(appspaces.keySet())) {
        if (appspaces.getOrDefault(other, "").equals("renamedFrom: " + name)) {
          declare(other, "access: members");
        }
      }
      appspaces.put(name, line);
      repo.appspace(name, line);
    }

    private void remove(String name) {
      appspaces.remove(name);
      repo.remove("appspaces/" + name + ".yaml");
    }
  }
}
