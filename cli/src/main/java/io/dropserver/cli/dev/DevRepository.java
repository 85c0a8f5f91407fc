package io.dropserver.cli.dev;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.dropserver.cli.app.AppFolder;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.BrowserRequest;
import io.dropserver.schema.instance.DropappManifest.Permission;
import io.dropserver.schema.instance.DropappManifest.SuggestedEgress;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import io.dropserver.schema.read.ManifestReader;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * The instance repository of {@code dropserver app dev}: generated from an app's folder, with one
 * appspace and three users.
 *
 * @param folder contains the bare repository and its working copy
 * @param name of the app and the appspace
 * @param open whether visitors may enter without logging in
 * @param inspected whether a debugger may attach: the app must not be put to sleep meanwhile
 */
record DevRepository(Path folder, String name, boolean open, boolean inspected) {
  /** Below {@code .localhost}, which browsers resolve to this machine. */
  static final String DOMAIN = "dev.localhost";

  /** The users, and the key that prints a login link for each. */
  static final List<String> USERS = List.of("owner", "member", "reader");

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String HEADER = "apiVersion: dropserver.io/v1\nkind: ";

  Path remote() {
    return folder.resolve("remote.git");
  }

  private Path copy() {
    return folder.resolve("instance");
  }

  void create() throws IOException {
    new GitProgram()
        .run(folder, "init", "--quiet", "--bare", "--initial-branch=main", remote().toString());
    Files.createDirectory(copy());
    new GitProgram().run(copy(), "init", "--quiet", "--initial-branch=main");
    new GitProgram().run(copy(), "remote", "add", "origin", remote().toString());
  }

  /**
   * Commits and pushes the app with its declarations.
   *
   * @param tree the files of the app
   */
  void publish(FolderTree tree, AppFolder app) throws IOException {
    if (new GitProgram().tryRun(copy(), "fetch", "--quiet", "origin", "main").isPresent()) {
      new GitProgram().run(copy(), "reset", "--quiet", "--hard", "FETCH_HEAD");
    }
    AtomicFiles.deleteTree(copy().resolve("app"));
    for (TreeEntry entry : tree.entries()) {
      Path target = copy().resolve("app").resolve(entry.path());
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      Files.copy(tree.root().resolve(entry.path()), target, LinkOption.NOFOLLOW_LINKS);
    }
    if (!app.inferred().isEmpty()) {
      Path manifest = copy().resolve("app").resolve(ManifestReader.FILE_NAME);
      Files.deleteIfExists(manifest); // never written through a link
      Files.writeString(manifest, app.text(), CREATE_NEW, WRITE);
    }
    declare(app.manifest());
    new GitProgram().run(copy(), "add", "--all", "--force");
    if (!new GitProgram().run(copy(), "status", "--porcelain").isEmpty()) {
      new GitProgram().commit(copy(), "app dev", "dev@dropserver.invalid", "Save the app");
      new GitProgram().run(copy(), "push", "--quiet", "origin", "main");
    }
  }

  private void declare(DropappManifest manifest) throws IOException {
    write("instance.yaml", "Instance\nmetadata: {name: dev}\nspec: {domain: " + DOMAIN + "}\n");
    for (String user : USERS) {
      String role = user.equals("owner") ? "admin" : "member";
      String shown = user.substring(0, 1).toUpperCase(Locale.ROOT) + user.substring(1);
      write(
          user + ".yaml",
          "User\nmetadata: {name: %s}\nspec: {displayName: %s, role: %s}\n"
              .formatted(user, shown, role));
    }
    String version = JSON.writeValueAsString(manifest.version());
    write(
        "app.yaml",
        "App\nmetadata: {name: \"%s\"}\nspec: {versions: [{version: %s, source: {path: app}}]}\n"
            .formatted(name, version));
    write("appspace.yaml", appspace(manifest, version));
    Path whitelist = copy().resolve("egress.yaml");
    if (manifest.egress().isEmpty() && manifest.browser().isEmpty()) {
      Files.deleteIfExists(whitelist);
    } else {
      write("egress.yaml", whitelist(manifest));
    }
  }

  private String appspace(DropappManifest manifest, String version) {
    String permissions =
        manifest.permissions().stream()
            .map(Permission::name)
            .map(JSON::writeValueAsString)
            .collect(Collectors.joining(", "));
    return """
    Appspace
    metadata: {name: "%s"}
    spec:
      app: {name: "%s", version: %s}
      owner: owner
      access: %s
      members:
        - {user: member, permissions: [%s]}
        - {user: reader}
    %s
    """
        .formatted(
            name,
            name,
            version,
            open ? "public" : "members",
            permissions,
            inspected ? "  limits: {idleTimeout: never}" : "");
  }

  /** Grants what the manifest suggests: the author decides both. */
  private String whitelist(DropappManifest manifest) {
    StringBuilder text = new StringBuilder("EgressWhitelist\nmetadata: {name: \"" + name + "\"}\n");
    text.append("spec:\n  appspace: \"").append(name).append("\"\n  allow:\n");
    for (SuggestedEgress entry : manifest.egress()) {
      text.append("    - url: ").append(JSON.writeValueAsString(entry.url())).append('\n');
      text.append("      methods: [").append(String.join(", ", entry.methods())).append("]\n");
    }
    for (BrowserRequest entry : manifest.browser()) {
      text.append("    - browser: ").append(JSON.writeValueAsString(entry.feature())).append('\n');
    }
    return text.toString();
  }

  private void write(String file, String kindAndRest) throws IOException {
    Files.writeString(copy().resolve(file), HEADER + kindAndRest);
  }
}
