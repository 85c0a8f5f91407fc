package io.dropserver.sandbox.app;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.property.Generator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AppPathsPropertyTest {

  @Test
  void anAcceptedPathStaysInsideAndIsPlainText() {
    forAll(
        1000,
        paths(),
        path -> {
          if (new AppPaths(AppSizeLimits.DEFAULT).refusal(path).isPresent()) {
            return;
          }
          Path root = Path.of("/root/of/app");
          Path resolved = root.resolve(path);
          assertThat(resolved.normalize()).isEqualTo(resolved).isNotEqualTo(root);
          assertThat(resolved.startsWith(root)).isTrue();
          assertThat(new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
              .isEqualTo(path);
          assertThat(path.chars()).noneMatch(Character::isISOControl);
        });
  }

  @Test
  void aPathIsAcceptedOnce() {
    forAll(
        1000,
        paths(),
        path -> {
          var paths = new AppPaths(AppSizeLimits.DEFAULT);
          if (paths.refusal(path).isEmpty()) {
            assertThat(paths.refusal(path)).isPresent();
            assertThat(paths.refusal(path + "/below")).isPresent();
          }
        });
  }

  private static Generator<String> paths() {
    return Generator.of(
            "a", "B", "b", "..", ".", "/", "//", "\\", "é", "e\u0301", "\u0000", "\u202E", "\uD800",
            "…", " ", "x.ts")
        .list(0, 8)
        .map(parts -> String.join("", parts));
  }
}
