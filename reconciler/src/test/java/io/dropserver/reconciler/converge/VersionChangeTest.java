package io.dropserver.reconciler.converge;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.VersionOrder;
import io.dropserver.schema.read.ManifestReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionChangeTest {
  private static DropappManifest manifest(String version, String more) {
    String json =
        "{\"name\": \"x\", \"version\": \"%s\", \"entrypoint\": \"main.ts\"%s}"
            .formatted(version, more);
    return new ManifestReader()
        .read("dropapp.json", json.getBytes(StandardCharsets.UTF_8))
        .manifest()
        .orElseThrow();
  }

  private static VersionChange change(DropappManifest from, DropappManifest to) {
    return VersionChange.between(Optional.of(from), from.version(), to);
  }

  private static final String MIGRATE = ", \"migrate\": \"m.ts\"";

  private static String down(int... steps) {
    StringBuilder list = new StringBuilder();
    for (int step : steps) {
      list.append(list.isEmpty() ? "" : ", ")
          .append("{\"direction\": \"down\", \"schema\": %d}".formatted(step));
    }
    return ", \"migrations\": [" + list + "]";
  }

  @Test
  void versionsWithoutMigrationsSwitchBothWays() {
    assertThat(change(manifest("1.0.0", ""), manifest("2.0.0", "")))
        .isEqualTo(VersionChange.SWITCH);
    assertThat(change(manifest("2.0.0", ""), manifest("1.0.0", "")))
        .isEqualTo(VersionChange.SWITCH);
  }

  @Test
  void equalSchemasSwitchWithoutMigration() {
    DropappManifest one = manifest("1.0.0", ", \"schema\": 3" + MIGRATE);
    DropappManifest two = manifest("2.0.0", ", \"schema\": 3" + MIGRATE);
    assertThat(change(one, two)).isEqualTo(VersionChange.SWITCH);
    assertThat(change(two, one)).isEqualTo(VersionChange.SWITCH);
  }

  @Test
  void withoutSchemaNumbersUpgradesMigrateAndDowngradesRestore() {
    DropappManifest one = manifest("1.9.0", "");
    DropappManifest two = manifest("1.10.0", MIGRATE);
    assertThat(change(one, two)).isEqualTo(VersionChange.FORWARD);
    assertThat(change(two, one)).isEqualTo(VersionChange.RESTORE);
    assertThat(VersionChange.between(Optional.empty(), "1.10.0", one))
        .as("whose manifest is lost")
        .isEqualTo(VersionChange.RESTORE);
  }

  @Test
  void aDowngradeNeedsADownStepForEachSchema() {
    DropappManifest one = manifest("1.0.0", ", \"schema\": 1");
    DropappManifest whole = manifest("3.0.0", ", \"schema\": 3" + MIGRATE + down(2, 3));
    DropappManifest partly = manifest("3.0.0", ", \"schema\": 3" + MIGRATE + down(3));
    DropappManifest none = manifest("3.0.0", ", \"schema\": 3" + MIGRATE);
    assertThat(change(one, whole)).isEqualTo(VersionChange.FORWARD);
    assertThat(change(whole, one)).isEqualTo(VersionChange.BACK);
    assertThat(change(partly, one)).isEqualTo(VersionChange.RESTORE);
    assertThat(change(none, one)).isEqualTo(VersionChange.RESTORE);
  }

  @ParameterizedTest
  @CsvSource({
    "1.9.0,1.10.0",
    "1.0.0-rc.1,1.0.0",
    "1.0.0-rc.2,1.0.0-rc.10",
    "1.0,1.0.1",
    "2.0.0,10.0.0"
  })
  void versionsAreOrderedByTheirNumbers(String earlier, String later) {
    assertThat(VersionOrder.compare(earlier, later)).isNegative();
    assertThat(VersionOrder.compare(later, earlier)).isPositive();
    assertThat(VersionOrder.compare(later, later + "+build.7")).isZero();
  }
}
