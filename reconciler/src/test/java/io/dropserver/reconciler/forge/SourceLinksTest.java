package io.dropserver.reconciler.forge;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.host.HostConfig.Forge;
import java.net.URI;
import org.junit.jupiter.api.Test;

class SourceLinksTest {
  private static String line(Forge kind, String api, String repository) {
    return SourceLinks.of(kind, URI.create(api), repository)
        .orElseThrow()
        .line("abc123", "apps/a b#.yaml", 7);
  }

  @Test
  void eachForgeHasItsOwnPages() {
    assertThat(line(Forge.GITHUB, "https://api.github.com", "git@github.com:me/home.git"))
        .isEqualTo("https://github.com/me/home/blob/abc123/apps/a%20b%23.yaml#L7");
    assertThat(line(Forge.GITHUB, "https://ghe.example/api/v3", "https://ghe.example/me/home"))
        .isEqualTo("https://ghe.example/me/home/blob/abc123/apps/a%20b%23.yaml#L7");
    assertThat(line(Forge.GITLAB, "https://gitlab.com/api/v4", "https://gitlab.com/a/b/home.git"))
        .isEqualTo("https://gitlab.com/a/b/home/-/blob/abc123/apps/a%20b%23.yaml#L7");
    assertThat(line(Forge.FORGEJO, "https://f.example/git/api/v1", "ssh://git@f.example/me/home"))
        .isEqualTo("https://f.example/git/me/home/src/commit/abc123/apps/a%20b%23.yaml#L7");
  }

  @Test
  void aCommitHasAPageToo() {
    assertThat(
            SourceLinks.of(
                    Forge.GITLAB, URI.create("https://gitlab.com/api/v4"), "git@gitlab.com:a/b.git")
                .orElseThrow()
                .commit("abc123"))
        .isEqualTo("https://gitlab.com/a/b/-/commit/abc123");
  }

  @Test
  void anUnknownForgeHasNoLinks() {
    URI api = URI.create("https://x.example/api/v1");
    assertThat(SourceLinks.of(Forge.NONE, api, "git@x.example:me/home.git")).isEmpty();
    assertThat(SourceLinks.of(Forge.GITEA, api, "/home.git")).isEmpty();
  }
}
