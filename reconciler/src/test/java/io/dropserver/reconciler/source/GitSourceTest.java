package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.instance.SourceTree;
import io.dropserver.state.condition.InstanceReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class GitSourceTest {
  @TempDir Path folder;
  private GitFixture git;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
  }

  private GitSource open() {
    return new GitSource(git.settings(), InstantSource.system());
  }

  private static PollResult.Moved moved(PollResult result) {
    assertThat(result).isInstanceOf(PollResult.Moved.class);
    return (PollResult.Moved) result;
  }

  private static PollResult.Refused refused(PollResult result, InstanceReason reason) {
    assertThat(result).isInstanceOf(PollResult.Refused.class);
    PollResult.Refused refused = (PollResult.Refused) result;
    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(refused.message()).isNotBlank();
    assertThat(refused.remedy()).isNotBlank();
    return refused;
  }

  private String serve(GitSource source) {
    String id = moved(source.poll(source.servedCopy(), false)).revision().id();
    source.markServed(id);
    return id;
  }

  @Test
  void aPushIsHandedOverOnceWithItsFiles() throws IOException {
    git.write("users/alice.yaml", "kind: User\n");
    String id = git.push("Add Alice");
    try (GitSource source = open()) {
      PollResult.Moved first = moved(source.poll(source.servedCopy(), false));
      assertThat(first.revision().id()).isEqualTo(id);
      SourceTree.TreeEntry treeEntry = first.tree().find("users/alice.yaml").orElseThrow();
      assertThat(treeEntry.id()).isEqualTo(git.git("rev-parse", "HEAD:users/alice.yaml"));
      assertThat(treeEntry.sizeBytes()).isEqualTo(11);
      assertThat(new String(first.tree().read(treeEntry), StandardCharsets.UTF_8))
          .isEqualTo("kind: User\n");
      assertThat(source.poll(source.servedCopy(), false)).isEqualTo(new PollResult.Unchanged(id));
    }
  }

  @Test
  void theHeadOfALocalRemoteIsReadFromDiskOnEachPoll() throws IOException {
    git.write("users/alice.yaml", "kind: User\n");
    String first = git.push("First");
    Path remote = git.remote;
    try (GitSource source = open()) {
      assertThat(moved(source.poll(source.servedCopy(), false)).revision().id()).isEqualTo(first);
      GitFixture.run(remote, "git", "pack-refs", "--all");
      assertThat(source.poll(source.servedCopy(), false))
          .isEqualTo(new PollResult.Unchanged(first));
      String second = git.push("Second");
      GitFixture.run(remote, "git", "pack-refs", "--all");
      assertThat(moved(source.poll(source.servedCopy(), false)).revision().id()).isEqualTo(second);

      Path aside = remote.resolveSibling("aside.git");
      Files.move(remote, aside);
      assertThat(source.poll(source.servedCopy(), false))
          .isInstanceOf(PollResult.Unreachable.class);
      String third = git.commit("Third");
      GitFixture.run(git.root, "git", "clone", "-q", "--bare", git.work + "", remote + "");
      assertThat(moved(source.poll(source.servedCopy(), false)).revision().id()).isEqualTo(third);
      assertThat(source.poll(source.servedCopy(), false))
          .isEqualTo(new PollResult.Unchanged(third));
    }
  }

  @Test
  void aRestartServesTheLastGoodRevisionWhileTheRemoteIsGone() throws IOException {
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    String served;
    try (GitSource source = open()) {
      served = serve(source);
    }
    Files.move(git.remote, folder.resolve("elsewhere"));
    try (GitSource source = open()) {
      assertThat(source.servedCopy().flatMap(source::find).orElseThrow().revision().id())
          .isEqualTo(served);
      assertThat(source.servedCopy().flatMap(source::find).orElseThrow().tree().entries())
          .hasSize(1);
      assertThat(source.poll(source.servedCopy(), false))
          .isInstanceOf(PollResult.Unreachable.class);
    }
    Files.move(folder.resolve("elsewhere"), git.remote);
    try (GitSource source = open()) {
      assertThat(source.poll(source.servedCopy(), false))
          .isEqualTo(new PollResult.Unchanged(served));
    }
  }

  @Test
  void aForcedPushIsRefusedUntilAPersonAcceptsIt() {
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    try (GitSource source = open()) {
      String served = serve(source);
      git.write("a.yaml", "a: 2\n");
      git.git("commit", "-q", "-a", "--amend", "-m", "rewritten");
      String head = git.push("on top");
      PollResult.Refused refused =
          refused(source.poll(source.servedCopy(), false), InstanceReason.SOURCE_REWRITTEN);
      assertThat(refused.seen()).contains(head);
      assertThat(refused.message()).contains(head.substring(0, 7)).contains(served.substring(0, 7));
      assertThat(refused.remedy()).contains("sync --accept " + head);
      assertThat(source.servedCopy().flatMap(source::find).orElseThrow().revision().id())
          .isEqualTo(served);

      source.accept(head.substring(0, 8));
      assertThat(moved(source.poll(source.servedCopy(), false)).revision().id()).isEqualTo(head);
      source.markServed(head);
      assertThat(source.isAccepted(head)).isFalse();
    }
  }

  @Test
  void theServedRevisionMayAllowRewrites() {
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    try (GitSource source = open()) {
      serve(source);
      git.git("commit", "-q", "--amend", "-m", "rewritten");
      git.git("push", "-q", "--force", "origin", "HEAD:main");
      refused(source.poll(source.servedCopy(), false), InstanceReason.SOURCE_REWRITTEN);
      moved(source.poll(source.servedCopy(), true));
    }
  }

  @Test
  void anAcceptanceOutlivesARestartAndIsForOneCommitOnly() {
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    try (GitSource source = open()) {
      serve(source);
      git.git("commit", "-q", "--amend", "-m", "rewritten");
      git.git("push", "-q", "--force", "origin", "HEAD:main");
      PollResult.Refused refused =
          refused(source.poll(source.servedCopy(), false), InstanceReason.SOURCE_REWRITTEN);
      source.accept(refused.seen().orElseThrow());
    }
    git.git("commit", "-q", "--amend", "-m", "rewritten again");
    git.git("push", "-q", "--force", "origin", "HEAD:main");
    try (GitSource source = open()) {
      refused(source.poll(source.servedCopy(), false), InstanceReason.SOURCE_REWRITTEN);
      assertThatThrownBy(() -> source.accept("abc1234"))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("40 digits");
    }
  }

  @Test
  void aDeletedBranchAnEmptyRepositoryAndAnEmptyTreeAreDistinguished() {
    try (GitSource source = open()) {
      refused(source.poll(source.servedCopy(), false), InstanceReason.SOURCE_EMPTY);
      git.write("a.yaml", "a: 1\n");
      git.push("one");
      String served = serve(source);
      git.git("push", "-q", "origin", "HEAD:other");
      git.git("push", "-q", "origin", ":main");
      refused(source.poll(source.servedCopy(), false), InstanceReason.BRANCH_MISSING);
      git.git("rm", "-q", "a.yaml");
      git.push("emptied");
      refused(source.poll(source.servedCopy(), false), InstanceReason.SOURCE_EMPTY);
      assertThat(source.servedCopy().flatMap(source::find).orElseThrow().revision().id())
          .isEqualTo(served);
    }
  }

  @Test
  void linksSubmodulesAndNamesThatDifferInCaseAreEntriesOfTheirType() throws IOException {
    git.write("a.yaml", "a: 1\n");
    git.write("A.yaml", "a: 2\n");
    git.write("run.sh", "#!/bin/sh\n");
    Files.createSymbolicLink(git.work.resolve("link"), Path.of("/etc/passwd"));
    git.git("add", "-A");
    git.git("update-index", "--chmod=+x", "run.sh");
    git.git("update-index", "--add", "--cacheinfo", "160000," + "1".repeat(40) + ",module");
    git.git("commit", "-q", "-m", "odd");
    git.git("push", "-q", "origin", "HEAD:main");
    try (GitSource source = open()) {
      SourceTree tree = moved(source.poll(source.servedCopy(), false)).tree();
      assertThat(tree.entries())
          .extracting(treeEntry -> treeEntry.path() + " " + treeEntry.type())
          .containsExactly(
              "A.yaml FILE",
              "a.yaml FILE",
              "link SYMLINK",
              "module SUBMODULE",
              "run.sh EXECUTABLE");
      assertThat(new String(tree.read(tree.find("link").orElseThrow()), StandardCharsets.UTF_8))
          .isEqualTo("/etc/passwd");
    }
  }

  @Test
  void onlyTheNamedPathsOfASharedRepositoryAreListed() {
    git.write("home/a.yaml", "a: 1\n");
    git.write("homestead/b.yaml", "b: 1\n");
    git.write("shared/deep/c.yaml", "c: 1\n");
    git.push("one");
    GitSettings settings =
        TestSettings.withPaths(git.settings(), java.util.List.of("home", "shared/deep"));
    try (GitSource source = new GitSource(settings, InstantSource.system())) {
      assertThat(moved(source.poll(source.servedCopy(), false)).tree().entries())
          .extracting(SourceTree.TreeEntry::path)
          .containsExactly("home/a.yaml", "shared/deep/c.yaml");
    }
  }

  @Test
  void incrementalListingsEqualFreshOnes() {
    for (int i = 0; i < 60; i++) {
      git.write("d" + i % 7 + "/e" + i % 3 + "/f" + i + ".yaml", "n: " + i + "\n");
    }
    git.push("many");
    try (GitSource source = open()) {
      serve(source);
      for (int round = 0; round < 4; round++) {
        git.write("d3/e1/new" + round + ".yaml", "x: " + round + "\n");
        git.write("d5/e2/f5.yaml", "changed: " + round + "\n");
        git.git("rm", "-q", "-r", "--ignore-unmatch", "d" + round + "/e0");
        String id = git.push("round " + round);
        SourceTree tree = moved(source.poll(source.servedCopy(), false)).tree();
        try (LocalRepo fresh = LocalRepo.open(git.work, java.util.Map.of())) {
          assertThat(tree.entries()).isEqualTo(fresh.tree(id).entries());
        }
        source.markServed(id);
      }
    }
  }

  @Test
  void locksAndHalfReceivedPacksOfAKilledServerAreClearedAtStart() throws IOException {
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    try (GitSource source = open()) {
      serve(source);
    }
    Path local = git.settings().repository();
    Files.createFile(local.resolve("packed-refs.lock"));
    Files.createDirectories(local.resolve("refs/dropserver"));
    Files.createFile(local.resolve(GitSource.SERVED + ".lock"));
    Files.createFile(local.resolve(GitSource.SEEN + ".lock"));
    Files.writeString(local.resolve("objects/incoming_123.pack"), "half");
    git.write("a.yaml", "a: 2\n");
    String id = git.push("two");
    try (GitSource source = open()) {
      assertThat(serve(source)).isEqualTo(id);
    }
    assertThat(local.resolve("objects/incoming_123.pack")).doesNotExist();
  }

  @Test
  void aDamagedLocalRepositoryIsPutAsideAndRewritesStayRefused() throws IOException {
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    String served;
    try (GitSource source = open()) {
      served = serve(source);
    }
    Path objects = git.settings().repository().resolve("objects");
    try (Stream<Path> files = Files.walk(objects)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        file.toFile().setWritable(true);
        Files.writeString(file, "garbage");
      }
    }
    git.git("commit", "-q", "--amend", "-m", "rewritten");
    git.git("push", "-q", "--force", "origin", "HEAD:main");
    try (GitSource source = open()) {
      assertThat(source.find(served)).isEmpty();
      refused(source.poll(Optional.of(served), false), InstanceReason.SOURCE_REWRITTEN);
      git.git("reset", "-q", "--hard", served);
      git.git("push", "-q", "--force", "origin", "HEAD:main");
      assertThat(source.poll(Optional.of(served), false)).isInstanceOf(PollResult.Moved.class);
      assertThat(source.find(served)).isPresent();
    }
  }

  @Test
  void addressesThatRunProgramsOrHoldSecretsAreRefusedWithoutRepeatingThem() {
    for (String url :
        new String[] {
          "ext::sh -c id",
          "https://alice:s3cret@example.org/x.git",
          "git://example.org/x.git",
          "https://s3cret@example.org/x.git",
          "http://example.org/x.git",
          "-uploadpack=s3cret",
          "https://example.org/x.git?token=s3cret",
          "relative/path",
          "s3://bucket/s3cret",
          "/srv/s3cret\u202e.git"
        }) {
      assertThatThrownBy(() -> RemoteUrl.parse(url))
          .isInstanceOf(SourceException.class)
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cret"));
    }
    assertThat(RemoteUrl.parse("git@example.org:home.git").transfer())
        .isEqualTo(RemoteUrl.Transfer.SSH);
  }
}
