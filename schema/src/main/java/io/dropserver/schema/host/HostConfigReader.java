package io.dropserver.schema.host;

import io.dropserver.schema.document.Amounts;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.host.HostConfig.AppSettings;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.EgressSettings;
import io.dropserver.schema.host.HostConfig.Layer;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.host.HostConfig.UidRange;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads {@code dropserver.yaml}. Thread-safe. */
public final class HostConfigReader {
  private static final String SCHEMA = "host-configuration.schema.json";

  private final SchemaCheck schemas = new SchemaCheck(List.of("common.schema.json", SCHEMA));

  /**
   * @param config present if and only if there are no problems
   */
  public record Result(Optional<HostConfig> config, List<Problem> problems) {}

  /**
   * Reads a file. Relative paths in it are resolved against its folder.
   *
   * @throws IOException if the file itself cannot be read
   */
  public Result read(Path file) throws IOException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    try (var in = Files.newInputStream(file)) {
      return read(file.toString(), in.readNBytes(DocumentParser.MAX_FILE_BYTES + 1), folder);
    }
  }

  /**
   * @param name the file name in problem reports
   * @param folder the base of relative paths
   */
  public Result read(String name, byte[] bytes, Path folder) {
    DocumentParser.Parsed parsed = DocumentParser.parse(name, bytes);
    List<Problem> problems = new ArrayList<>(parsed.problems());
    if (parsed.documents().size() > 1) {
      problems.add(
          Problem.at(
              parsed.documents().get(1).location(),
              "the host's configuration is one document",
              "remove the --- above this line"));
    }
    if (parsed.documents().isEmpty()) {
      return result(HostConfig.DEFAULT, problems);
    }
    return result(config(parsed.documents().getFirst(), folder, problems), problems);
  }

  private static Result result(HostConfig config, List<Problem> problems) {
    return new Result(
        problems.isEmpty() ? Optional.of(config) : Optional.empty(),
        problems.stream().distinct().sorted().toList());
  }

  private HostConfig config(Node root, Path folder, List<Problem> problems) {
    List<Problem> said = schemas.check(SCHEMA, root);
    Set<Location> places = new HashSet<>();
    said.forEach(problem -> places.add(problem.location()));
    List<Problem> finer = new ArrayList<>();
    HostConfig config = config(Fields.of(root, finer), new FileFields(folder));
    problems.addAll(said);
    finer.stream().filter(p -> !places.contains(p.location())).forEach(problems::add);
    return config;
  }

  private static HostConfig config(Fields fields, FileFields files) {
    return HostConfig.DEFAULT.toBuilder()
        .repo(section(fields, "repo").map(repo -> RepoFields.read(repo, files)))
        .listen(ListenFields.listeners(fields, files))
        .acme(TlsFields.acme(fields, files))
        .webhooks(ListenFields.webhooks(fields, files))
        .state(files.path(fields, "state"))
        .sandbox(sandbox(fields.fields("sandbox")))
        .backup(backup(fields.fields("backup"), files))
        .egress(egress(fields.fields("egress"), files))
        .receivers(ListenFields.receivers(fields, files))
        .apps(new AppSettings(files.paths(fields.fields("apps"), "localRepositories")))
        .admin(section(fields, "admin").map(HostConfigReader::admin))
        .build();
  }

  private static Optional<Fields> section(Fields fields, String key) {
    return fields.has(key) ? Optional.of(fields.fields(key)) : Optional.empty();
  }

  private static SandboxSettings sandbox(Fields fields) {
    SortedSet<Layer> weaker = new TreeSet<>();
    for (Node.Scalar scalar : fields.scalars("allowWeaker")) {
      for (Layer layer : Layer.values()) {
        if (layer.name().toLowerCase(Locale.ROOT).equals(scalar.text())) {
          weaker.add(layer);
        }
      }
    }
    Fields range = fields.fields("uidRange");
    SandboxSettings defaults = SandboxSettings.DEFAULT;
    return new SandboxSettings(
        Collections.unmodifiableSortedSet(weaker),
        new UidRange(
            range.integer("first").orElse(defaults.uidRange().first()),
            range.integer("count").orElse(defaults.uidRange().count())),
        fields.integer("maxLive").orElse(defaults.maxLive()),
        Amounts.bytes(fields, "maxMemory", 64L << 20, 64L << 40),
        fields.text("cgroupParent"));
  }

  private static BackupSettings backup(Fields fields, FileFields files) {
    return new BackupSettings(
        fields.text("repository"),
        files.secret(fields, "passwordFile"),
        files.secret(fields, "environmentFile"));
  }

  private static EgressSettings egress(Fields fields, FileFields files) {
    SortedMap<String, String> hosts = new TreeMap<>();
    for (Node.Entry entry : fields.entries("hosts")) {
      String address = entry.value() instanceof Node.Scalar scalar ? scalar.text() : "";
      if (Addresses.literal(address).isEmpty()) {
        fields.problem(
            entry.value().location(),
            Quoting.quote(address) + " is no address",
            "write one like 192.168.1.10; names are not looked up here");
      }
      hosts.put(entry.key().toLowerCase(Locale.ROOT), address);
    }
    return new EgressSettings(
        ListenFields.ranges(fields, "open"),
        Collections.unmodifiableSortedMap(hosts),
        files.files(fields, "trust"));
  }

  private static InetSocketAddress admin(Fields fields) {
    Optional<InetSocketAddress> address = ListenFields.socket(fields, "address");
    boolean loopback =
        address
            .flatMap(a -> Addresses.literal(a.getHostString()))
            .map(InetAddress::isLoopbackAddress)
            .orElse(true);
    if (!loopback) {
      fields.problem(
          fields.location("address"),
          "metrics and health are served on loopback only",
          "use 127.0.0.1, and a proxy where others must read them");
    }
    return address.orElse(HostConfig.DEFAULT_ADMIN);
  }
}
