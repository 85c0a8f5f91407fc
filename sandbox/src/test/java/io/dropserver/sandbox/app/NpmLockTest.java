package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.state.condition.AppReason;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpmLockTest {
  private static final String HASH = "A".repeat(86);
  private static final String LOCK =
      """
      {"version": "5",
       "specifiers": {"npm:oracle@1.0.0": "1.0.0", "jsr:@evil/x@1": "1.0.0"},
       "remote": {"https://example.org/x.ts": "00"},
       "npm": {
         "oracle@1.0.0": {"integrity": "sha512-%s==", "dependencies": ["helper", "alias@npm:@team/other@2.0.0"],
                          "optionalDependencies": ["helper"]},
         "helper@1.0.0": {"integrity": "sha512-%s=="},
         "@team/other@2.0.0": {"integrity": "sha512-%s=="}}}
      """
          .formatted(HASH, HASH, HASH);

  @Test
  void aCompleteLockIsReducedToPackagesOfNpm() {
    NpmLock lock = NpmLock.read(LOCK.getBytes(UTF_8), NpmSources.of("oracle"));
    assertThat(lock.packages()).isEqualTo(3);
    assertThat(new String(lock.text(), UTF_8)).contains("helper").doesNotContain("evil", "remote");
  }

  @Test
  void aWrittenLockHasOnlyFieldsThatDenoReadsAndIsAscii() {
    String more = "{\"bin\": true, \"os\": [\"linux\"], \"x\": {\"#!/bin/sh\": 1}, \"integrity\"";
    String lock = LOCK.replace("\"helper@1.0.0\": {\"integrity\"", "\"helper@1.0.0\": " + more);
    String written = written(lock.replace("@team/other@2.0.0", "@team/öther@2.0.0\u2028"));
    assertThat(written).contains("\"bin\" : true", "linux").doesNotContain("\"x\"", "bin/sh");
    assertThat(written).contains("@team/\\u00F6ther@2.0.0\\u2028").matches("\\p{ASCII}*");
    assertThat(written(written)).isEqualTo(written);
  }

  private static String written(String lock) {
    return new String(NpmLock.read(lock.getBytes(UTF_8), NpmSources.of("oracle")).text(), UTF_8);
  }

  /** The version of a package with peer dependencies is followed by theirs. */
  @Test
  void peerDependenciesFollowTheVersion() {
    String lock =
        LOCK.replace("\"1.0.0\", \"jsr", "\"1.0.0_helper@1.0.0\", \"jsr")
            .replace("\"oracle@1.0.0\"", "\"oracle@1.0.0_helper@1.0.0\"");
    assertThat(NpmLock.read(lock.getBytes(UTF_8), NpmSources.of("oracle")).packages()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "helper@1.0.0\": {\"integrity\"|helper@1.0.0\": {\"other\"|has no sha512 integrity of"
            + " helper@1.0.0",
        "sha512-|sha1-|has no sha512 integrity of",
        "==\"},|==\\u0000\"},|has no sha512 integrity of helper@1.0.0",
        "helper@1.0.0\": {|helper2@1.0.0\": {|lacks helper, a dependency of oracle@1.0.0",
        "@team/other@2.0.0\": {|@team/other@2.0.1\": {|lacks @team/other@2.0.0, a dependency of",
        "oracle@1.0.0\": {|oracle@1.0.1\": {|does not contain oracle@1.0.0",
        "1.0.0\", \"jsr|9.9.9\", \"jsr|resolves npm:oracle@1.0.0 to 9.9.9",
        "1.0.0\", \"jsr|../x\", \"jsr|resolves npm:oracle@1.0.0 to ../x",
        "npm:oracle@1.0.0|npm:oracle@^1|does not contain npm:oracle@1.0.0",
        "\"5\"|\"99\"|has the unknown format",
        "\"5\"|[]|has the unknown format",
        "\"optionalDependencies\": [\"helper\"]|\"bin\": \"x\"|has another type than Deno writes:"
            + " bin of oracle@1.0.0",
        "\"optionalDependencies\": [\"helper\"]|\"os\": [5]|has another type than Deno writes: os",
        "[\"helper\", \"alias@npm:@team/other@2.0.0\"]|{\"helper\": \"1.0.0\"}|has another type"
            + " than Deno writes: dependencies of oracle@1.0.0",
      })
  void anIncompleteLockIsRefusedWithTheRemedy(String text, String replacement, String message) {
    assertThat(LOCK).contains(text);
    assertRefused(LOCK.replace(text, replacement).getBytes(UTF_8), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{", "\"5\"", "{} trailing", "\u0000", "{}"})
  void anythingElseIsRefused(String text) {
    assertRefused(text.getBytes(UTF_8), "The lock file of npm:oracle@1.0.0");
  }

  @Test
  void aLockThatIsTooLargeIsRefused() {
    assertRefused(new byte[LockFile.MAX_BYTES + 1], "is larger than 8 MiB");
  }

  @Test
  void theContentIdCoversPackageManifestAndLock() {
    var lock = NpmSources.Lock.of(LOCK);
    String id = new NpmFiles(NpmSources.of("oracle"), lock).contentId();
    assertThat(id).matches("npm-[0-9a-f]{64}");
    assertThat(new NpmFiles(NpmSources.of("oracle"), lock).contentId()).isEqualTo(id);
    assertThat(new NpmFiles(NpmSources.of("oracle2"), lock).contentId()).isNotEqualTo(id);
    assertThat(new NpmFiles(NpmSources.of("oracle", ", \"args\": [\"x\"]"), lock).contentId())
        .isNotEqualTo(id);
    assertThat(new NpmFiles(NpmSources.of("oracle"), Optional.empty()).contentId())
        .isNotEqualTo(id);
    assertThat(new NpmFiles(NpmSources.of("oracle"), NpmSources.Lock.of("{}")).contentId())
        .isNotEqualTo(id);
  }

  private static void assertRefused(byte[] lock, String message) {
    assertThatThrownBy(() -> NpmLock.read(lock, NpmSources.of("oracle")))
        .hasMessageContaining(message)
        .hasMessageContaining("Run \"dropserver app add npm:oracle@1.0.0\"")
        .isInstanceOfSatisfying(
            SandboxException.class, e -> assertThat(e.reason()).isEqualTo(AppReason.LOCK_MISMATCH));
  }
}
