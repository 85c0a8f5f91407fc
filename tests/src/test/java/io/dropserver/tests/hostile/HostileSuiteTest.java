package io.dropserver.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.GvisorAssumption;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostileSuiteTest {
  private static final Set<String> SHORT =
      Set.of(
          "files/host-file",
          "files/neighbour-diary",
          "files/symlink-to-host",
          "kernel/clone3",
          "kernel/core-pattern",
          "kernel/new-user-namespace",
          "network/loopback-tcp",
          "network/abstract-socket",
          "network/import-remote",
          "processes/signal-host",
          "processes/root-on-host",
          "interfaces/replace-app-socket",
          "host/hundred-crons",
          "host/message-to-stranger",
          "resources/array-buffers",
          "resources/disk");

  @TempDir Path folder;

  @BeforeAll
  static void needsRoot() {
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"), "the whole set of layers needs root");
  }

  @Test
  void theMinimalSetIsBlockedInEveryBuild() throws IOException, InterruptedException {
    attack(
        least(),
        EnumSet.of(
            Variant.ALL_LAYERS, Variant.SLEEPING_AND_WAKING, Variant.WAITED, Variant.WITHOUT_DENO));
  }

  @Test
  void theMinimalSetIsAlsoBlockedBehindASecondKernel() throws IOException, InterruptedException {
    GvisorAssumption.require();
    attack(least(), EnumSet.of(Variant.GVISOR, Variant.GVISOR_WITHOUT_DENO));
  }

  @Test
  @Tag("hostile")
  @Tag("long")
  void noAttackEscapesInAnyVariant() throws IOException, InterruptedException {
    assertThat(AttackFile.all(AttackFile.folder())).hasSizeGreaterThanOrEqualTo(120);

    attack(selected(), Variant.NAMESPACES);
  }

  @Test
  @Tag("hostile")
  @Tag("long")
  void noAttackEscapesBehindASecondKernel() throws IOException, InterruptedException {
    GvisorAssumption.require();
    attack(selected(), EnumSet.of(Variant.GVISOR, Variant.GVISOR_WITHOUT_DENO));
  }

  /** {@code -Dattacks=GROUP/NAME,…} selects attacks. */
  private static List<AttackFile> selected() throws IOException {
    List<AttackFile> all = AttackFile.all(AttackFile.folder());
    String only = System.getProperty("attacks", "");
    if (only.isEmpty()) {
      return all;
    }
    List<String> names = List.of(only.split(",", -1));
    return all.stream().filter(attack -> names.contains(attack.name())).toList();
  }

  private static List<AttackFile> least() throws IOException {
    List<AttackFile> attacks =
        AttackFile.all(AttackFile.folder()).stream().filter(a -> SHORT.contains(a.name())).toList();
    assertThat(attacks).hasSameSizeAs(SHORT);
    return attacks;
  }

  private void attack(List<AttackFile> attacks, Set<Variant> variants)
      throws IOException, InterruptedException {
    Map<AttackFile, Map<Variant, AttackOutcome>> table =
        new HostileSuite(folder).run(attacks, variants);
    HostileTable.print(table, System.out);
    for (Variant variant : variants) {
      assertThat(HostileTable.count(table, variant, AttackOutcome.Escaped.class))
          .describedAs("escapes, " + variant)
          .isZero();
    }
  }
}
