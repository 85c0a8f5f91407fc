package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.app.AddedSource.FromArchive;
import io.dropserver.cli.app.AddedSource.FromGit;
import io.dropserver.cli.app.AddedSource.FromNpm;
import io.dropserver.cli.output.CommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddedSourceTest {

  @ParameterizedTest
  @CsvSource({
    "git:https://forge.example.org/team/weather.git@v1.2.0, weather",
    "git:https://forge.example.org/team/Weather-App/@refs/tags/v1.2.0, weather-app",
    "git:ssh://git@forge.example.org/team/weather@feature/x, weather",
    "git:git@forge.example.org:weather.git@main, weather",
    "git:file:///srv/apps/weather.git@0123456789abcdef0123456789abcdef01234567, weather",
    "https://apps.example.org/dist/weather-1.2.0.tar.gz, weather",
    "https://apps.example.org/dist/weather-v2.tgz, weather",
    "https://apps.example.org/%2B, app",
    "https://apps.example.org, app",
    "npm:@team/weather@1.0.0, weather",
  })
  void sourcesAndTheirAppNamesAreRead(String text, String app) {
    AddedSource source = AddedSource.parse(text);
    assertThat(source).hasToString(text);
    assertThat(source.appName()).isEqualTo(app).matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  }

  @Test
  void theLastAtSignBeginsTheRevision() {
    assertThat(AddedSource.parse("git:git@forge.example.org:weather@main"))
        .isEqualTo(new FromGit("git@forge.example.org:weather", "main"));
    assertThat(AddedSource.parse("npm:tool@1.0.0")).isInstanceOf(FromNpm.class);
    assertThat(AddedSource.parse("https://example.org/x.tar.gz")).isInstanceOf(FromArchive.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "git:https://forge.example.org/weather.git",
        "git:https://forge.example.org/weather.git@",
        "git:git@forge.example.org:weather.git",
        "git:@main",
        "git:main",
        "git:",
        "git:https://me@forge.example.org/weather.git@main",
        "git:https://me:secret@forge.example.org/weather.git@main",
        "git:https://forge.example.org/weather.git?token=secret@main",
        "git:https://forge.example.org@main",
        "git:http://forge.example.org/weather.git@main",
        "git:git://forge.example.org/weather.git@main",
        "git:ext::sh -c id@main",
        "git:ext::id@main",
        "git:--upload-pack=id@main",
        "git:-x:y@main",
        "git:/srv/apps/weather.git@main",
        "git:../weather@main",
        "git:https://forge.example.org/a b.git@main",
        "git:https://forge.example.org/a\nb.git@main",
        "git:https://forge.example.org/a\u202Eb.git@main",
        "git:https://forge.example.org/weather.git@--upload-pack=id",
        "git:https://forge.example.org/weather.git@-x",
        "git:https://forge.example.org/weather.git@main..next",
        "git:https://forge.example.org/weather.git@main^{tree}",
        "git:https://forge.example.org/weather.git@main:path",
        "git:https://forge.example.org/weather.git@a b",
        "git:https://forge.example.org/weather.git@a\nb",
        "git:https://forge.example.org/weather.git@.",
        "git:https://forge.example.org/weather.git@refs/heads/*",
        "http://apps.example.org/weather.tar.gz",
        "HTTPS://apps.example.org/weather.tar.gz",
        "https:///weather.tar.gz",
        "https:weather.tar.gz",
        "https://me@apps.example.org/weather.tar.gz",
        "https://me:secret@apps.example.org/weather.tar.gz",
        "https://apps.example.org/weather.tar.gz?token=secret",
        "https://apps.example.org/weather.tar.gz#secret",
        "https://apps.example.org/a b.tar.gz",
        "https://apps.example.org/a\nb.tar.gz",
        "https://apps.example.org/\u202Ezg.rat",
        "https://[apps/x.tar.gz",
        "file:///etc/passwd",
        "ftp://apps.example.org/weather.tar.gz",
        "weather",
        "--upload-pack=id",
        "",
      })
  void anythingElseIsRefusedWithARemedy(String text) {
    assertThatThrownBy(() -> AddedSource.parse(text))
        .isInstanceOf(CommandException.class)
        .satisfies(
            e -> {
              assertThat(((CommandException) e).remedy()).isNotEmpty();
              assertThat(e.getMessage()).doesNotContain("\n", "\u202E");
            });
  }

  /** A message can be written into a log of CI. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://me:secret@apps.example.org/weather.tar.gz",
        "https://apps.example.org/weather.tar.gz?token=secret",
        "git:https://me:secret@forge.example.org/weather.git@main",
        "git:https://me:secret@forge.example.org/weather.git",
        "git:https://forge.example.org/weather.git?token=secret@main",
      })
  void aRefusedCredentialIsNotRepeated(String text) {
    assertThatThrownBy(() -> AddedSource.parse(text)).hasMessageNotContaining("secret");
  }

  @Test
  void aLongTextIsRefused() {
    assertThatThrownBy(
            () -> AddedSource.parse("https://example.org/" + "a".repeat(3000) + ".tar.gz"))
        .isInstanceOf(CommandException.class);
    assertThatThrownBy(
            () -> AddedSource.parse("git:https://example.org/" + "a".repeat(3000) + "@main"))
        .isInstanceOf(CommandException.class);
  }
}
