package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackageSignersTest {
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKgOC8Fn author@example.org";
  private static final String SOURCE =
      "package: 'https://example.org/b.tar.gz', sha256: " + "a".repeat(64);

  @Test
  void aPackageHasTheSignersOfItsAppAndADefaultSignature() throws IOException {
    PackageSource source = source(app("signers: [" + KEY + "]", SOURCE));
    assertThat(source.signers().orElseThrow().keys())
        .containsExactly("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKgOC8Fn");
    assertThat(source.signers().orElseThrow().signature())
        .isEqualTo(URI.create("https://example.org/b.tar.gz.sig"));
  }

  @Test
  void aSignatureCanBeElsewhere() throws IOException {
    PackageSource source =
        source(app("signers: [" + KEY + "]", SOURCE + ", signature: 'https://b.example.org/s'"));
    assertThat(source.signers().orElseThrow().signature())
        .isEqualTo(URI.create("https://b.example.org/s"));
  }

  @Test
  void theContentIdDependsOnTheKeysAndNotOnTheirComments() throws IOException {
    String none = source(app("", SOURCE)).contentId();
    String one = source(app("signers: [" + KEY + "]", SOURCE)).contentId();
    String commented = source(app("signers: [" + KEY + "x]", SOURCE)).contentId();
    String other = source(app("signers: [ssh-ed25519 AAAA]", SOURCE)).contentId();
    assertThat(none).isEqualTo("sha256-" + "a".repeat(64));
    assertThat(one).startsWith(none + "-").isEqualTo(commented).isNotEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "signers: []",
        "signers: [AAAAC3NzaC1lZDI1NTE5]",
        "signers: [ssh-dss AAAA]",
        "signers: ['ssh-ed25519 n!t']",
        "signers: ['* ssh-ed25519 AAAA']"
      })
  void whatIsNotAListOfKeysIsRefused(String signers) throws IOException {
    assertThat(problems(app(signers, SOURCE)))
        .isNotEmpty()
        .allSatisfy(problem -> assertThat(problem.location().line()).isEqualTo(5));
  }

  @Test
  void aSignatureWithoutSignersOrOfAnotherSourceIsRefused() throws IOException {
    assertThat(problems(app("", SOURCE + ", signature: 'https://b.example.org/s'")))
        .extracting(Problem::toString)
        .singleElement()
        .asString()
        .contains("`signature` has no effect without `signers`");
    assertThat(problems(app("signers: [" + KEY + "]", "npm: b, signature: 'https://b.org/s'")))
        .extracting(Problem::toString)
        .anyMatch(text -> text.contains("`signature` cannot be combined with `npm`"));
    assertThat(problems(app("signers: [" + KEY + "]", SOURCE + ", signature: 'http://b.org/s'")))
        .extracting(Problem::toString)
        .anyMatch(text -> text.contains("is not an https URL"));
  }

  private static String app(String signers, String source) {
    return """
    apiVersion: dropserver.io/v1
    kind: App
    metadata: {name: board}
    spec:
      %s
      versions:
        - version: 2.1.0
          source: {%s}
    """
        .formatted(signers, source);
  }

  private static PackageSource source(String app) throws IOException {
    ReadResult result = read(app);
    assertThat(result.problems()).isEmpty();
    return (PackageSource)
        Objects.requireNonNull(result.instance().orElseThrow().apps().get("board"))
            .versions()
            .getFirst()
            .source();
  }

  private static List<Problem> problems(String app) throws IOException {
    return read(app).problems();
  }

  private static ReadResult read(String app) throws IOException {
    String instance =
        """
        apiVersion: dropserver.io/v1
        kind: Instance
        metadata: {name: home}
        spec: {domain: home.example.org}
        """;
    MapTree tree = new MapTree().with("instance.yaml", instance).with("board.yaml", app);
    return new InstanceReader().read(tree, ReadOptions.WHOLE_REPOSITORY);
  }
}
