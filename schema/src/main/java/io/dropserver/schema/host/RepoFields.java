package io.dropserver.schema.host;

import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.host.HostConfig.Credentials;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.Verify;
import io.dropserver.schema.host.HostConfig.Write;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the section {@code repo}. */
final class RepoFields {
  private RepoFields() {}

  static Repo read(Fields fields, FileFields files) {
    String url = fields.text("url").orElse("");
    boolean https = url.toLowerCase(Locale.ROOT).startsWith("https:");
    boolean ssh = url.startsWith("ssh:") || url.matches("[^/:]+@[^/:]+:.*");
    checkUrl(fields, url, https, ssh);
    Credentials credentials = credentials(fields, files);
    if (ssh && credentials.knownHostsFile().isEmpty()) {
      fields.problem(
          fields.location("url"),
          "an ssh repository needs `knownHostsFile`",
          "ssh-keyscan HOST > known_hosts, compare the fingerprints, and name the file");
    }
    for (String key : List.of("passwordFile", "tokenFile")) {
      if (!https && fields.has(key)) {
        fields.problem(
            fields.location(key), "`" + key + "` goes with an https URL only", "remove it");
      }
    }
    for (Node.Scalar path : fields.scalars("paths")) {
      if (path.text().startsWith("/") || path.text().matches("(.*/)?\\.\\.(/.*)?")) {
        fields.problem(
            path.location(),
            Quoting.quote(path.text()) + " is no folder of the repository",
            "write it from the root, without .. and without a leading /");
      }
    }
    return new Repo(
        url,
        fields.text("branch").orElse(Repo.DEFAULT_BRANCH),
        fields.scalars("paths").stream().map(Node.Scalar::text).toList(),
        credentials,
        verify(fields.fields("verify"), files),
        fields.has("write")
            ? Optional.of(write(fields.fields("write"), files, url))
            : Optional.empty());
  }

  private static void checkUrl(Fields fields, String url, boolean https, boolean ssh) {
    if (url.matches("[A-Za-z]+://[^/]*:[^/]*@.*")) {
      fields.problem(
          fields.location("url"),
          "the URL holds a password",
          "remove it and name a file with `passwordFile`");
    } else if (url.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")
        && !https
        && !ssh
        && !url.startsWith("file:")) {
      fields.problem(
          fields.location("url"),
          Quoting.quote(url) + " has a scheme that is not supported",
          "use a path, file://, https:// or ssh://");
    }
  }

  private static Credentials credentials(Fields fields, FileFields files) {
    if (fields.has("passwordFile") && fields.has("tokenFile")) {
      fields.problem(
          fields.location("tokenFile"),
          "`tokenFile` and `passwordFile` exclude each other",
          "keep passwordFile for basic authentication, tokenFile for bearer");
    }
    return new Credentials(
        fields.text("username").orElse(Credentials.DEFAULT_USERNAME),
        files.secret(fields, "passwordFile"),
        files.secret(fields, "tokenFile"),
        files.secret(fields, "sshKeyFile"),
        files.file(fields, "knownHostsFile"));
  }

  private static Verify verify(Fields fields, FileFields files) {
    boolean signed = fields.text("mode").filter("signed"::equals).isPresent();
    boolean keys = fields.has("allowedSignersFile") || fields.has("gpgKeysFile");
    if (signed && !keys) {
      fields.problem(
          fields.location("mode"),
          "no key is allowed to sign, so no revision could ever be served",
          "name `allowedSignersFile` or `gpgKeysFile`");
    }
    if (!signed && keys) {
      fields.problem(
          fields.location(),
          "keys are named but signatures are not required",
          "add mode: signed, or remove the keys");
    }
    return new Verify(
        signed, files.file(fields, "allowedSignersFile"), files.file(fields, "gpgKeysFile"));
  }

  private static Write write(Fields fields, FileFields files, String repository) {
    Forge forge =
        fields.text("forge").map(RepoFields::forge).orElseGet(() -> KnownForges.of(repository));
    Optional<URI> api =
        fields.has("api")
            ? ListenFields.url(fields, "api", List.of("https", "http"))
            : KnownForges.api(forge, repository);
    if (forge != Forge.NONE && api.isEmpty() && !fields.has("api")) {
      fields.problem(
          fields.location("forge"),
          "the URL of the repository does not tell where the forge's `api` is",
          "name the base URL of its REST interface, like https://forge.example.org/api/v1");
    }
    boolean byPush =
        fields.text("pullRequests").map("push"::equals).orElse(!fields.has("tokenFile"));
    if (byPush && forge == Forge.GITHUB && fields.has("pullRequests")) {
      fields.problem(
          fields.location("pullRequests"),
          "GitHub opens no pull request by push alone",
          "remove this line, and name a `tokenFile`");
    }
    return new Write(
        forge,
        api,
        byPush,
        files.secret(fields, "tokenFile"),
        files.secret(fields, "sshKeyFile"),
        files.secret(fields, "signingKeyFile"));
  }

  static Forge forge(String word) {
    for (Forge forge : Forge.values()) {
      if (forge.name().toLowerCase(Locale.ROOT).equals(word)) {
        return forge;
      }
    }
    return Forge.NONE;
  }
}
