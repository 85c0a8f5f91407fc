package io.dropserver.schema.host;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.RepositoryCredentials;
import io.dropserver.schema.host.HostConfig.RepositoryWriteSettings;
import io.dropserver.schema.host.HostConfig.SignatureVerification;
import io.dropserver.schema.host.HostConfig.SshKey;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the section {@code repo}. */
final class RepoFields {
  private RepoFields() {}

  static Repo read(MappingFields mappingFields, FileFields files) {
    String url = mappingFields.text("url").orElse("");
    boolean https = url.toLowerCase(Locale.ROOT).startsWith("https:");
    boolean ssh = url.startsWith("ssh:") || url.matches("[^/:]+@[^/:]+:.*");
    checkUrl(mappingFields, url, https, ssh);
    RepositoryCredentials repositoryCredentials = credentials(mappingFields, files);
    if (ssh && repositoryCredentials.knownHostsFile().isEmpty()) {
      mappingFields.problem(
          "url",
          "an ssh repository needs `knownHostsFile`",
          "ssh-keyscan HOST > known_hosts, compare the fingerprints, and name the file");
    }
    for (String key : List.of("passwordFile", "tokenFile")) {
      if (!https && mappingFields.has(key)) {
        mappingFields.problem(key, "`" + key + "` is allowed with an https URL only", "remove it");
      }
    }
    for (Node.Scalar path : mappingFields.scalars("paths")) {
      if (path.text().startsWith("/") || path.text().matches("(.*/)?\\.\\.(/.*)?")) {
        mappingFields.problem(
            path.location(),
            Quoting.quote(path.text()) + " is not a folder path in the repository",
            "write it from the root, without .. and without a leading /");
      }
    }
    return new Repo(
        url,
        mappingFields.text("branch").orElse(Repo.DEFAULT_BRANCH),
        mappingFields.scalars("paths").stream().map(Node.Scalar::text).toList(),
        repositoryCredentials,
        verify(mappingFields.fields("verify"), files),
        mappingFields.section("write").map(write -> write(write, files, url)),
        files.certificates(mappingFields, "trust"));
  }

  private static void checkUrl(
      MappingFields mappingFields, String url, boolean https, boolean ssh) {
    if (url.matches("[A-Za-z]+://[^/]*:[^/]*@.*")) {
      mappingFields.problem(
          "url", "the URL contains a password", "remove it, and name a file with `passwordFile`");
    } else if (url.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")
        && !https
        && !ssh
        && !url.startsWith("file:")) {
      mappingFields.problem(
          "url",
          Quoting.quote(url) + " has a scheme that is not supported",
          "use a path, file://, https:// or ssh://");
    }
  }

  private static RepositoryCredentials credentials(MappingFields mappingFields, FileFields files) {
    if (mappingFields.has("passwordFile") && mappingFields.has("tokenFile")) {
      mappingFields.problem(
          "tokenFile",
          "`tokenFile` and `passwordFile` exclude each other",
          "keep tokenFile for an access token, or passwordFile for a password; Git sends both as"
              + " the password of `username`");
    }
    return new RepositoryCredentials(
        mappingFields.text("username").orElse(RepositoryCredentials.DEFAULT_USERNAME),
        files.secret(mappingFields, "passwordFile"),
        files.secret(mappingFields, "tokenFile"),
        sshKey(mappingFields, files),
        files.file(mappingFields, "knownHostsFile"));
  }

  private static SignatureVerification verify(MappingFields mappingFields, FileFields files) {
    boolean signed = mappingFields.text("mode").filter("signed"::equals).isPresent();
    boolean keys = mappingFields.has("allowedSignersFile") || mappingFields.has("gpgKeysFile");
    if (signed && !keys) {
      mappingFields.problem(
          "mode",
          "no signing key is allowed, so no revision could be served",
          "name `allowedSignersFile` or `gpgKeysFile`");
    }
    if (!signed && keys) {
      mappingFields.problem(
          mappingFields.location(),
          "keys are named but signatures are not required",
          "add mode: signed, or remove the keys");
    }
    return new SignatureVerification(
        signed,
        files.file(mappingFields, "allowedSignersFile"),
        files.file(mappingFields, "gpgKeysFile"));
  }

  private static RepositoryWriteSettings write(
      MappingFields mappingFields, FileFields files, String repository) {
    Forge forge =
        mappingFields
            .text("forge")
            .map(RepoFields::forge)
            .orElseGet(() -> ForgeDetection.of(repository));
    Optional<URI> api =
        mappingFields.has("api")
            ? ListenFields.url(mappingFields, "api", List.of("https", "http"))
            : ForgeDetection.api(forge, repository);
    if (forge != Forge.NONE && api.isEmpty() && !mappingFields.has("api")) {
      mappingFields.problem(
          "forge",
          "the URL of the repository does not determine the forge's `api`",
          "set it to the base URL of the REST interface, like https://forge.example.org/api/v1");
    }
    boolean byPush =
        mappingFields
            .text("pullRequests")
            .map("push"::equals)
            .orElse(!mappingFields.has("tokenFile"));
    if (byPush && forge == Forge.GITHUB && mappingFields.has("pullRequests")) {
      mappingFields.problem(
          "pullRequests",
          "GitHub cannot open pull requests by push alone",
          "remove this line, and set `tokenFile`");
    }
    return new RepositoryWriteSettings(
        forge,
        api,
        byPush,
        files.secret(mappingFields, "tokenFile"),
        sshKey(mappingFields, files),
        files.secret(mappingFields, "signingKeyFile"));
  }

  private static SshKey sshKey(MappingFields mappingFields, FileFields files) {
    if (mappingFields.has("sshKeyPassphraseFile") && !mappingFields.has("sshKeyFile")) {
      mappingFields.problem(
          "sshKeyPassphraseFile",
          "a passphrase needs the key that it decrypts",
          "name the key with `sshKeyFile`, or remove this line");
    }
    return new SshKey(
        files.secret(mappingFields, "sshKeyFile"),
        files.secret(mappingFields, "sshKeyPassphraseFile"),
        files.path(mappingFields, "sshAgentSocket"));
  }

  static Forge forge(String word) {
    return YamlEnums.of(Optional.of(word), Forge.class, Forge.NONE);
  }
}
